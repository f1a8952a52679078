// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/top_sample.h"

#include <inttypes.h>

static const char *const group_names[TOP_GROUP_COUNT] = {
    [TOP_TENANTS] = "tenants", [TOP_PLUGINS] = "plugins", [TOP_POLICIES] = "policies"};

static double per_second(const struct top_sample *sample, uint64_t count)
{
    return sample->interval_s > 0 ? (double)count / sample->interval_s : 0;
}

static void show_outcomes(FILE *out, bool colour, const struct top_sample *sample)
{
    fprintf(out, "outcomes ");
    bool any = false;
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        if (sample->by_status[i] == 0)
            continue;
        fprintf(out, "%s%s%s %.1f/s%s", any ? ", " : "", style_begin(colour, i == 0 ? STYLE_GOOD : STYLE_BAD),
                outcome_name((enum outcome)i), per_second(sample, sample->by_status[i]), style_end(colour));
        any = true;
    }
    fprintf(out, "%s\n", any ? "" : "none");
}

static void show_http(FILE *out, bool colour, const struct top_sample *sample)
{
    const struct top_http *http = &sample->http;
    fprintf(out, "http     %.1f requests/s, %" PRIu64 " connections", per_second(sample, http->requests),
            sample->connections);
    fputs(style_begin(colour, STYLE_BAD), out);
    if (http->limited > 0)
        fprintf(out, ", %.1f/s beyond a limit (429)", per_second(sample, http->limited));
    if (http->unavailable > 0)
        fprintf(out, ", %.1f/s without room (503)", per_second(sample, http->unavailable));
    fprintf(out, "%s\n", style_end(colour));
}

static void show_list(FILE *out, bool colour, const char *title, const struct top_list *list)
{
    if (list->count == 0)
        return;
    fprintf(out, "\n%s%-32s%10s%10s%12s%s\n", style_begin(colour, STYLE_BOLD), title, "RUNS", "FAILED", "CPU",
            style_end(colour));
    for (size_t i = 0; i < list->count; i++) {
        const struct top_entry *entry = &list->entries[i];
        char cpu[FIGURE_SIZE];
        put_foreign(out, entry->name, 32);
        fprintf(out, "%10" PRIu64 "%10" PRIu64 "%12s\n", entry->runs, entry->failed,
                figure_us(entry->cpu_us, cpu));
    }
}

static void show_going(FILE *out, bool colour, const struct top_sample *sample)
{
    if (sample->going_count == 0)
        return;
    fprintf(out, "\n%s%-38s%10s  %-16s%-20s%s%s\n", style_begin(colour, STYLE_BOLD),
            "RUNNING OR WAITING, OLDEST FIRST", "SINCE", "POLICY", "TENANT", "PLUGIN", style_end(colour));
    for (size_t i = 0; i < sample->going_count; i++) {
        const struct top_going *going = &sample->going[i];
        char age[FIGURE_SIZE];
        put_foreign(out, going->id, 38);
        fprintf(out, "%10s  ", figure_us(going->age_us, age));
        put_foreign(out, going->policy, 16);
        put_foreign(out, going->tenant[0] != '\0' ? going->tenant : "-", 20);
        put_foreign(out, going->plugin[0] != '\0' ? going->plugin : "-", 0);
        fputc('\n', out);
    }
}

void top_show(FILE *out, bool colour, const char *url, const struct top_sample *sample)
{
    char time[CLOCK_TEXT_SIZE], p50[FIGURE_SIZE] = "-", p99[FIGURE_SIZE] = "-";
    clock_format_rfc3339(clock_unix_ms(), time);
    if (sample->seen > 0) {
        figure_us(sample->p50_us, p50);
        figure_us(sample->p99_us, p99);
    }
    fprintf(out, "%s%s%s  %s\n\n", style_begin(colour, STYLE_BOLD), url, style_end(colour), time);
    fprintf(out, "rate     %.1f runs/s   wall p50 %s, p99 %s%s\n", per_second(sample, sample->runs), p50, p99,
            sample->is_part ? " (of the newest only)" : "");
    show_outcomes(out, colour, sample);
    fprintf(out,
            "engine   %" PRIu64 " running, %" PRIu64 " queued, %" PRIu64 " idle workers, %" PRIu64
            " zygote restarts\n",
            sample->running, sample->queued, sample->idle_workers, sample->zygote_restarts);
    show_http(out, colour, sample);
    show_going(out, colour, sample);
    show_list(out, colour, "TENANT", &sample->lists[TOP_TENANTS]);
    show_list(out, colour, "PLUGIN", &sample->lists[TOP_PLUGINS]);
    show_list(out, colour, "POLICY", &sample->lists[TOP_POLICIES]);
}

static json_t *list_json(const struct top_list *list)
{
    json_t *all = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct top_entry *entry = &list->entries[i];
        json_array_append_new(all, json_pack("{s:s, s:I, s:I, s:f}", "name", entry->name, "runs",
                                             (json_int_t)entry->runs, "failed", (json_int_t)entry->failed,
                                             "cpu_ms", (double)entry->cpu_us / 1e3));
    }
    return all;
}

static json_t *going_json(const struct top_sample *sample)
{
    json_t *all = json_array();
    for (size_t i = 0; i < sample->going_count; i++) {
        const struct top_going *going = &sample->going[i];
        json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:f}", "id", going->id, "tenant",
                                             going->tenant, "plugin", going->plugin, "policy", going->policy,
                                             "age_ms", (double)going->age_us / 1e3));
    }
    return all;
}

void top_show_json(FILE *out, const struct top_sample *sample)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(clock_unix_ms(), time);
    json_t *statuses = json_object();
    for (unsigned i = 0; i < OUTCOME_COUNT; i++)
        json_object_set_new(statuses, outcome_name((enum outcome)i),
                            json_integer((json_int_t)sample->by_status[i]));
    json_t *line =
        json_pack("{s:s, s:f, s:I, s:f, s:o, s:I, s:I, s:I, s:I}", "time", time, "interval_s",
                  sample->interval_s, "runs", (json_int_t)sample->runs, "runs_per_s",
                  per_second(sample, sample->runs), "by_status", statuses, "running",
                  (json_int_t)sample->running, "queued", (json_int_t)sample->queued, "idle_workers",
                  (json_int_t)sample->idle_workers, "zygote_restarts", (json_int_t)sample->zygote_restarts);
    json_object_set_new(line, "http",
                        json_pack("{s:I, s:I, s:I, s:I}", "connections", (json_int_t)sample->connections,
                                  "requests", (json_int_t)sample->http.requests, "limited",
                                  (json_int_t)sample->http.limited, "unavailable",
                                  (json_int_t)sample->http.unavailable));
    json_object_set_new(line, "wall_ms",
                        sample->seen > 0
                            ? json_pack("{s:f, s:f, s:I, s:b}", "p50", (double)sample->p50_us / 1e3, "p99",
                                        (double)sample->p99_us / 1e3, "of_runs", (json_int_t)sample->seen,
                                        "part", sample->is_part)
                            : json_null());
    for (int group = 0; group < TOP_GROUP_COUNT; group++)
        json_object_set_new(line, group_names[group], list_json(&sample->lists[group]));
    json_object_set_new(line, "in_flight", going_json(sample));
    json_show(out, line, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(line);
}
