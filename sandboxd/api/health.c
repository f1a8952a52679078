// SPDX-License-Identifier: Apache-2.0
// /livez, /readyz and /v1/health. The probes read one variable; the report reads what the checks in the
// background found, so that it cannot hang with what they look at.
#include "base/clock.h"
#include "base/json_write.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/service_health.h"
#include "sandboxd/version.h"

#include <stdio.h>
#include <string.h>

static const char *const health_names[] = {"pass", "warn", "fail"};
static const char *const health_words[] = {"healthy", "degraded", "unhealthy"};

struct report {
    struct service *service;
    struct buffer *out;
    enum health overall;
    char time[CLOCK_TEXT_SIZE];
    unsigned checks;
};

void health_live(void *app, struct http_request *request)
{
    (void)app;
    http_answer_static(request, 200, "text/plain; charset=utf-8", bytes_of_text("ok\n"));
}

void health_ready(void *app, struct http_request *request)
{
    static const char *const words[] = {
        [SERVICE_STARTING] = "starting\n", [SERVICE_READY] = "ready\n", [SERVICE_STOPPING] = "stopping\n"};
    struct service *service = app;
    int state = atomic_load(&service->state);
    http_answer_static(request, state == SERVICE_READY ? 200 : 503, "text/plain; charset=utf-8",
                       bytes_of_text(words[state]));
}

static void put_member(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    json_put_text(out, text);
}

static void put_result(void *report_, const struct health_result *result)
{
    struct report *report = report_;
    struct buffer *out = report->out;
    const struct health_finding *finding = &result->finding;
    char text[HEALTH_COMPONENT_SIZE * 2 + 2], time[CLOCK_TEXT_SIZE];
    if (report->checks++ > 0)
        buffer_append_byte(out, ',');
    snprintf(text, sizeof(text), "%s:%s", finding->component, finding->measurement);
    json_put_text(out, text);
    buffer_append_text(out, ":[{");
    put_member(out, "componentType", finding->type);
    json_put_name(out, "observedValue");
    json_put_unsigned(out, finding->value);
    put_member(out, "observedUnit", finding->unit);
    put_member(out, "status", health_names[result->health]);
    clock_format_rfc3339(result->at_unix_ms, time);
    put_member(out, "time", time);
    if (result->bad_looks > 0) {
        json_put_name(out, "failures");
        json_put_unsigned(out, result->bad_looks);
    }
    if (finding->output[0] != '\0')
        put_member(out, "output", finding->output);
    buffer_append_text(out, "}]");
    if (result->health > report->overall)
        report->overall = result->health;
}

static void put_isolation(struct report *report, const struct isolation_report *isolation)
{
    struct buffer *out = report->out;
    json_put_name(out, "isolation");
    buffer_append_byte(out, '[');
    for (unsigned i = 0; isolation != NULL && i < ISOLATION_LAYER_COUNT; i++) {
        const struct layer_report *layer = &isolation->layer[i];
        buffer_append_text(out, i > 0 ? ",{" : "{");
        put_member(out, "layer", isolation_layer_name((enum isolation_layer)i));
        put_member(out, "state", layer_state_name(layer->state));
        if (layer->state != LAYER_ACTIVE)
            put_member(out, "reason", layer->reason);
        put_member(out, "purpose", isolation_layer_purpose((enum isolation_layer)i));
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}

void health_report(void *app, struct http_request *request)
{
    struct service *service = app;
    struct buffer checks = buffer_make(1 << 20), body = buffer_make(1 << 20);
    struct report report = {.service = service, .out = &checks};
    clock_format_rfc3339(clock_unix_ms(), report.time);
    struct isolation_report isolation;
    const struct isolation_report *found = service_isolation_seen(service, &isolation) ? &isolation : NULL;
    json_put_name(&checks, "checks");
    buffer_append_byte(&checks, '{');
    health_checks_read(service->health, put_result, &report);
    buffer_append_byte(&checks, '}');
    put_isolation(&report, found);
    if (atomic_load(&service->state) != SERVICE_READY)
        report.overall = HEALTH_FAIL;
    buffer_append_byte(&body, '{');
    put_member(&body, "status", health_names[report.overall]);
    put_member(&body, "health", health_words[report.overall]);
    put_member(&body, "version", SANDBOXD_VERSION);
    put_member(&body, "serviceId", "sandboxd");
    put_member(&body, "time", report.time);
    buffer_append_byte(&body, ',');
    if (buffer_ok(&checks))
        buffer_append(&body, checks.data, checks.length);
    else
        body.failed = true;
    buffer_append_byte(&body, '}');
    buffer_free(&checks);
    http_answer(request, report.overall == HEALTH_FAIL ? 503 : 200, "application/health+json", &body);
}
