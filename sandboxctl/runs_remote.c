// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/runs_remote.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "sandboxctl/http_client.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_change.h"
#include "sandboxctl/remote_result.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/time_option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option_spec runs_list_options[] = {
    {"tenant", 't', "ID", "of one tenant", NULL},
    {"plugin", 0, "NAME", "of one plugin", NULL},
    {"status", 's', "STATUS", "that ended so, e.g. cpu_limit", NULL},
    {"policy", 'p', "NAME", "under one policy", "policy"},
    {"trace-id", 0, "ID", "of one trace, as log lines and traces name it", NULL},
    {"since", 0, "TIME", "that began at that time or later: 15m (ago), 2h, 3d, or 2026-01-31T12:00:00Z",
     NULL},
    {"until", 0, "TIME", "that began before that time", NULL},
    {"limit", 'n', "N", "how many at most (default: 50)", NULL},
    {"cursor", 0, "CURSOR", "the page after the one that named it", NULL},
    REMOTE_OPTIONS,
    {0},
};

static const char *const filters[] = {"tenant", "plugin", "status", "policy", "trace-id", "limit", "cursor"};

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
    put_foreign(stdout, text_at(run, "tenant") != NULL ? text_at(run, "tenant") : "-", 0);
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
    remote_tell_more(body);
}

static void add_time(struct buffer *path, const struct invocation *invocation, const char *name)
{
    char time[CLOCK_TEXT_SIZE];
    const char *value = invocation_option(invocation, name);
    if (value == NULL)
        return;
    autofree char *escaped = http_escape(time_option_ago(value, clock_unix_ms(), time) ? time : value);
    buffer_printf(path, "%c%s=%s", strchr(path->data, '?') != NULL ? '&' : '?', name,
                  escaped != NULL ? escaped : "");
}

enum exit_status runs_list_command(const struct invocation *invocation)
{
    autofree char *filtered = remote_query(invocation, "/v1/runs", filters, sizeof filters / sizeof *filters);
    struct buffer path = buffer_make(16384);
    if (filtered != NULL) {
        buffer_append_text(&path, filtered);
        add_time(&path, invocation, "since");
        add_time(&path, invocation, "until");
    }
    return remote_do(invocation, "GET", buffer_take(&path, NULL), NULL, show_list);
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
    return remote_do(invocation, "GET", remote_path("/v1/runs/", invocation->arguments[0], ""), NULL,
                     show_run);
}

static void show_cancelled(const struct invocation *invocation, const json_t *body)
{
    (void)body;
    printf("%s is being ended\n", invocation->arguments[0]);
}

enum exit_status runs_cancel_command(const struct invocation *invocation)
{
    return remote_do(invocation, "DELETE", remote_path("/v1/runs/", invocation->arguments[0], ""), NULL,
                     show_cancelled);
}
