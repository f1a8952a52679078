// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/health.h"

#include "base/buffer.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_result.h"
#include "sandboxctl/text_style.h"

#include <stdio.h>
#include <string.h>

static enum style style_of(const char *status)
{
    if (status == NULL || strcmp(status, "fail") == 0 || strcmp(status, "missing") == 0)
        return STYLE_BAD;
    return strcmp(status, "warn") == 0 || strcmp(status, "degraded") == 0 ? STYLE_WARN : STYLE_GOOD;
}

static void put_status(bool colour, const char *status, unsigned width)
{
    fputs(style_begin(colour, style_of(status)), stdout);
    put_foreign(stdout, status != NULL ? status : "?", width);
    fputs(style_end(colour), stdout);
}

static void show_check(bool colour, const char *name, const json_t *check)
{
    const char *unit = text_at(check, "observedUnit"), *output = text_at(check, "output");
    char figure[FIGURE_SIZE];
    uint64_t value = count_at(check, "observedValue");
    bool bytes = unit != NULL && strcmp(unit, "bytes") == 0;
    bool boolean = unit != NULL && strcmp(unit, "boolean") == 0;
    fputs("  ", stdout);
    put_foreign(stdout, name, 28);
    put_status(colour, text_at(check, "status"), 6);
    printf("%14s ", boolean ? (value != 0 ? "yes" : "no")
                    : bytes ? figure_bytes(value, figure)
                            : figure_count(value, figure));
    put_foreign(stdout, bytes || boolean ? "" : unit, 12);
    put_foreign(stdout, output, 0);
    fputc('\n', stdout);
}

// What does not pass comes first: with many policies it would be looked for.
static void show_checks(bool colour, const json_t *checks)
{
    static const char *const statuses[] = {"fail", "warn", "pass"};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const char *name;
        json_t *found, *check;
        size_t index;
        json_object_foreach((json_t *)checks, name, found)
        {
            json_array_foreach(found, index, check)
            {
                const char *status = text_at(check, "status");
                if (strcmp(status != NULL ? status : "fail", statuses[i]) == 0)
                    show_check(colour, name, check);
            }
        }
    }
}

static void show(const struct invocation *invocation, const json_t *report)
{
    const char *health = text_at(report, "health");
    json_t *layer;
    size_t index;
    put_status(invocation->colour, text_at(report, "status"), 0);
    printf(": sandboxd ");
    put_foreign(stdout, text_at(report, "version"), 0);
    fputs(" is ", stdout);
    put_foreign(stdout, health, 0);
    fputs("\n\n", stdout);
    show_checks(invocation->colour, json_object_get(report, "checks"));
    fputs("\nIsolation layers\n", stdout);
    json_array_foreach(json_object_get(report, "isolation"), index, layer)
    {
        fputs("  ", stdout);
        put_foreign(stdout, text_at(layer, "layer"), 28);
        put_status(invocation->colour, text_at(layer, "state"), 10);
        put_foreign(stdout, text_at(layer, "reason"), 0);
        fputc('\n', stdout);
    }
}

enum exit_status health_command(const struct invocation *invocation)
{
    struct error err;
    struct config config;
    struct http_answer answer;
    if (!config_load(invocation, &config, &err))
        return refuse(invocation, &err);
    const struct http_query query = {.method = "GET", .path = "/v1/health"};
    bool asked = http_request(&config, &query, &answer, &err);
    config_free(&config);
    if (!asked)
        return refuse(invocation, &err);
    // An unhealthy server says so with 503, and its report is the answer.
    const char *status = text_at(answer.body, "status");
    bool reported = json_is_object(json_object_get(answer.body, "checks")) && status != NULL;
    enum exit_status result;
    if (!reported) {
        result = answer.code == 200 ? fail(STATUS_FAILURE, "the server's answer is not a health report")
                                    : http_fail(invocation, &answer);
    } else {
        if (invocation->json)
            remote_show(invocation, &answer);
        else
            show(invocation, answer.body);
        result = strcmp(status, "fail") != 0 ? STATUS_SUCCESS : STATUS_FAILURE;
    }
    http_answer_free(&answer);
    return result;
}
