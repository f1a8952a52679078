// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/runs_remote.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_result.h"
#include "sandboxctl/text_style.h"

#include <stdio.h>
#include <stdlib.h>

const struct option_spec runs_list_options[] = {
    {"tenant", 't', "ID", "of one tenant", NULL},
    {"plugin", 0, "NAME", "of one plugin", NULL},
    {"status", 's', "STATUS", "that ended so, e.g. cpu_limit", NULL},
    {"policy", 'p', "NAME", "under one policy", "policy"},
    {"since", 0, "TIME", "that began at that time or later, e.g. 2026-01-31T12:00:00Z", NULL},
    {"until", 0, "TIME", "that began before that time", NULL},
    {"limit", 'n', "N", "how many at most (default: 50)", NULL},
    {"cursor", 0, "CURSOR", "the page after the one that named it", NULL},
    REMOTE_OPTIONS,
    {0},
};

static const char *const filters[] = {"tenant", "plugin", "status", "policy",
                                      "since",  "until",  "limit",  "cursor"};

static char *list_path(const struct invocation *invocation)
{
    struct buffer path = buffer_make(16384);
    char separator = '?';
    buffer_append_text(&path, "/v1/runs");
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        const char *value = invocation_option(invocation, filters[i]);
        autofree char *escaped = value != NULL ? http_escape(value) : NULL;
        if (escaped == NULL)
            continue;
        buffer_printf(&path, "%c%s=%s", separator, filters[i], escaped);
        separator = '&';
    }
    return buffer_take(&path, NULL);
}

static void show_row(const struct invocation *invocation, const json_t *run)
{
    char wall[FIGURE_SIZE], memory[FIGURE_SIZE];
    const json_t *usage = json_object_get(run, "usage");
    bool ok = json_is_true(json_object_get(run, "success"));
    put_foreign(stdout, text_at(run, "id"), 37);
    put_foreign(stdout, text_at(run, "started_at"), 25);
    fputs(style_begin(invocation->colour, ok ? STYLE_GOOD : STYLE_BAD), stdout);
    put_foreign(stdout, text_at(run, "status"), 18);
    fputs(style_end(invocation->colour), stdout);
    printf("%10s %10s  ", figure_us(us_at(usage, "wall_ms"), wall),
           figure_bytes(count_at(usage, "memory_bytes"), memory));
    put_foreign(stdout, text_at(json_object_get(run, "policy"), "name"), 14);
    put_foreign(stdout, text_at(run, "tenant"), 0);
    if (json_is_object(json_object_get(run, "plugin"))) {
        fputc(' ', stdout);
        put_foreign(stdout, text_at(json_object_get(run, "plugin"), "name"), 0);
    }
    fputc('\n', stdout);
}

static void show_list(const struct invocation *invocation, const json_t *body)
{
    size_t index;
    json_t *run;
    const json_t *items = json_object_get(body, "items");
    if (json_array_size(items) == 0)
        fputs("no runs\n", stderr);
    else
        printf("%-37s%-25s%-18s%10s %10s  %-14s%s\n", "ID", "STARTED", "STATUS", "WALL", "MEMORY", "POLICY",
               "TENANT, PLUGIN");
    json_array_foreach(items, index, run) show_row(invocation, run);
    const char *cursor = text_at(body, "next_cursor");
    if (cursor != NULL)
        fprintf(stderr, "more: --cursor %s\n", cursor);
}

static enum exit_status ask(const struct invocation *invocation, const char *method, const char *path,
                            void (*show)(const struct invocation *invocation, const json_t *body))
{
    struct http_answer answer;
    const struct http_query query = {.method = method, .path = path};
    enum exit_status status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    if (invocation->json)
        remote_show(invocation, &answer);
    else
        show(invocation, answer.body);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

enum exit_status runs_list_command(const struct invocation *invocation)
{
    autofree char *path = list_path(invocation);
    return ask(invocation, "GET", path, show_list);
}

static void show_text(const char *label, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    printf("%-12s", label);
    put_foreign(stdout, value, 0);
    fputc('\n', stdout);
}

static void show_pair(const char *label, const json_t *pair)
{
    if (!json_is_object(pair))
        return;
    printf("%-12s", label);
    put_foreign(stdout, text_at(pair, "name"), 0);
    fputc(' ', stdout);
    put_foreign(stdout, text_at(pair, "version"), 0);
    fputc('\n', stdout);
}

static void show_run(const struct invocation *invocation, const json_t *run)
{
    const json_t *error = json_object_get(run, "error");
    show_text("id", text_at(run, "id"));
    show_text("status", text_at(run, "status"));
    show_text("started", text_at(run, "started_at"));
    show_text("tenant", text_at(run, "tenant"));
    show_pair("plugin", json_object_get(run, "plugin"));
    show_pair("policy", json_object_get(run, "policy"));
    show_text("error", text_at(error, "message"));
    show_text("owner", text_at(error, "owner"));
    show_text("code", text_at(run, "code_sha256"));
    show_text("trace", text_at(run, "trace_id"));
    // A run that goes on has none yet.
    if (json_is_object(json_object_get(run, "usage")))
        remote_usage_show(stdout, invocation->colour, run);
}

enum exit_status runs_get_command(const struct invocation *invocation)
{
    autofree char *path = remote_path("/v1/runs/", invocation->arguments[0], "");
    return ask(invocation, "GET", path, show_run);
}

static void show_cancelled(const struct invocation *invocation, const json_t *body)
{
    (void)body;
    printf("%s is being ended\n", invocation->arguments[0]);
}

enum exit_status runs_cancel_command(const struct invocation *invocation)
{
    autofree char *path = remote_path("/v1/runs/", invocation->arguments[0], "");
    return ask(invocation, "DELETE", path, show_cancelled);
}
