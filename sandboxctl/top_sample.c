// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/top_sample.h"

#include "sandboxctl/remote_result.h"

#include <stdlib.h>
#include <string.h>

enum { NS_PER_S = 1000000000 };

void top_memory_free(struct top_memory *memory)
{
    json_decref(memory->page);
    *memory = (struct top_memory){0};
}

static const char *name_of(enum top_group group, const json_t *run)
{
    switch (group) {
    case TOP_TENANTS:
        return text_at(run, "tenant");
    case TOP_PLUGINS:
        return text_at(json_object_get(run, "plugin"), "name");
    default:
        return text_at(json_object_get(run, "policy"), "name");
    }
}

// Sums of one group, by name: {"acme": [runs, failed, cpu_us]}.
static void add(json_t *sums, const char *name, const json_t *run)
{
    json_t *sum = json_object_get(sums, name);
    json_int_t old[3] = {0};
    for (size_t i = 0; i < 3; i++)
        old[i] = json_integer_value(json_array_get(sum, i));
    json_int_t cpu_us = (json_int_t)us_at(json_object_get(run, "usage"), "cpu_ms");
    bool failed = !json_is_true(json_object_get(run, "success"));
    json_object_set_new(sums, name,
                        json_pack("[I,I,I]", old[0] + 1, old[1] + (failed ? 1 : 0), old[2] + cpu_us));
}

static bool is_busier(const struct top_entry *a, const struct top_entry *b)
{
    return a->cpu_us != b->cpu_us ? a->cpu_us > b->cpu_us : a->runs > b->runs;
}

// Keeps the busiest, in order.
static void insert(struct top_list *list, const struct top_entry *entry)
{
    size_t at = list->count;
    while (at > 0 && is_busier(entry, &list->entries[at - 1]))
        at--;
    if (at == TOP_SHOWN)
        return;
    size_t kept = list->count < TOP_SHOWN ? list->count : TOP_SHOWN - 1;
    memmove(&list->entries[at + 1], &list->entries[at], (kept - at) * sizeof *entry);
    list->entries[at] = *entry;
    list->count = kept + 1;
}

static void read_group(enum top_group group, const json_t *runs, struct top_list *list)
{
    json_t *sums = json_object(), *run, *sum;
    const char *name;
    size_t index;
    json_array_foreach(runs, index, run)
    {
        name = name_of(group, run);
        if (name != NULL && *name != '\0')
            add(sums, name, run);
    }
    json_object_foreach(sums, name, sum)
    {
        struct top_entry entry = {
            .runs = (uint64_t)json_integer_value(json_array_get(sum, 0)),
            .failed = (uint64_t)json_integer_value(json_array_get(sum, 1)),
            .cpu_us = (uint64_t)json_integer_value(json_array_get(sum, 2)),
        };
        snprintf(entry.name, sizeof entry.name, "%s", name);
        insert(list, &entry);
    }
    json_decref(sums);
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void read_quantiles(const json_t *runs, struct top_sample *sample)
{
    size_t count = json_array_size(runs), index;
    uint64_t *walls = count > 0 ? calloc(count, sizeof *walls) : NULL;
    json_t *run;
    if (walls == NULL)
        return;
    json_array_foreach(runs, index, run) walls[index] = us_at(json_object_get(run, "usage"), "wall_ms");
    qsort(walls, count, sizeof *walls, compare);
    sample->p50_us = walls[(count - 1) * 50 / 100];
    sample->p99_us = walls[(count - 1) * 99 / 100];
    free(walls);
}

// The runs that were not on the last page; the page is remembered.
static json_t *take_new(struct top_memory *memory, const json_t *history)
{
    json_t *fresh = json_array(), *page = json_object(), *run;
    size_t index;
    json_array_foreach(json_object_get(history, "items"), index, run)
    {
        const char *id = text_at(run, "id");
        if (id == NULL)
            continue;
        json_object_set_new(page, id, json_true());
        if (json_object_get(memory->page, id) == NULL)
            json_array_append(fresh, run);
    }
    json_decref(memory->page);
    memory->page = page;
    return fresh;
}

static void copy_text(char *out, size_t size, const json_t *object, const char *name)
{
    const char *text = text_at(object, name);
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static void read_going(const json_t *in_flight, struct top_sample *sample)
{
    size_t index;
    json_t *run;
    json_array_foreach(in_flight, index, run)
    {
        if (sample->going_count == TOP_SHOWN)
            return;
        struct top_going *going = &sample->going[sample->going_count++];
        copy_text(going->id, sizeof going->id, run, "id");
        copy_text(going->tenant, sizeof going->tenant, run, "tenant");
        copy_text(going->plugin, sizeof going->plugin, run, "plugin");
        copy_text(going->policy, sizeof going->policy, run, "policy");
        going->age_us = us_at(run, "age_ms");
    }
}

static uint64_t since(uint64_t now, uint64_t before)
{
    return now >= before ? now - before : now;
}

// Requests since the look before, which `memory` then is of.
static struct top_http take_http(struct top_http *memory, const json_t *http)
{
    struct top_http now = {.requests = count_at(http, "requests_total"),
                           .limited = count_at(http, "limited_total"),
                           .unavailable = count_at(http, "unavailable_total")};
    struct top_http fresh = {.requests = since(now.requests, memory->requests),
                             .limited = since(now.limited, memory->limited),
                             .unavailable = since(now.unavailable, memory->unavailable)};
    *memory = now;
    return fresh;
}

bool top_sample_take(struct top_memory *memory, const json_t *stats, const json_t *history, uint64_t now_ns,
                     struct top_sample *ret_sample)
{
    const json_t *runs = json_object_get(stats, "runs"), *workers = json_object_get(stats, "workers");
    uint64_t total = count_at(runs, "total");
    bool begun = memory->begun;
    struct top_sample sample = {
        .interval_s = (double)(now_ns - memory->at_ns) / NS_PER_S,
        .runs = since(total, memory->runs),
        .running = count_at(runs, "running"),
        .queued = count_at(runs, "queued"),
        .idle_workers = count_at(workers, "idle"),
        .zygote_restarts = count_at(workers, "zygote_restarts"),
        .http = take_http(&memory->http, json_object_get(stats, "http")),
        .connections = count_at(json_object_get(stats, "http"), "connections"),
    };
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        uint64_t count = count_at(json_object_get(runs, "by_status"), outcome_name((enum outcome)i));
        sample.by_status[i] = since(count, memory->by_status[i]);
        memory->by_status[i] = count;
    }
    json_t *fresh = take_new(memory, history);
    sample.seen = json_array_size(fresh);
    sample.is_part = sample.seen >= TOP_PAGE;
    read_quantiles(fresh, &sample);
    read_going(json_object_get(runs, "in_flight"), &sample);
    for (int group = 0; group < TOP_GROUP_COUNT; group++)
        read_group((enum top_group)group, fresh, &sample.lists[group]);
    json_decref(fresh);
    memory->begun = true;
    memory->at_ns = now_ns;
    memory->runs = total;
    if (begun)
        *ret_sample = sample;
    return begun;
}
