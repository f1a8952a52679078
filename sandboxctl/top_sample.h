// SPDX-License-Identifier: Apache-2.0
// What happened on a server between two looks at it: GET /v1/stats for the counts, GET /v1/runs for who and
// how long. No clock is compared with the server's. Main thread only.
#pragma once

#include "runtime/protocol/outcome.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TOP_SHOWN = 5, TOP_NAME_SIZE = 64, TOP_PLUGIN_SIZE = 136, TOP_PAGE = 500 };

struct top_entry {
    char name[TOP_NAME_SIZE];
    uint64_t runs;
    uint64_t failed;
    uint64_t cpu_us;
};

// The busiest by CPU time, those first; `count` of them.
struct top_list {
    struct top_entry entries[TOP_SHOWN];
    size_t count;
};

enum top_group { TOP_TENANTS, TOP_PLUGINS, TOP_POLICIES, TOP_GROUP_COUNT };

// A run that goes on, or waits to.
struct top_going {
    char id[TOP_NAME_SIZE];
    char tenant[TOP_NAME_SIZE];   // "": none
    char plugin[TOP_PLUGIN_SIZE]; // likewise
    char policy[TOP_NAME_SIZE];
    uint64_t age_us; // since its request came
};

struct top_http {
    uint64_t requests, limited, unavailable; // in all, answered 429, answered 503
};

struct top_sample {
    double interval_s;
    uint64_t runs; // that ended in it
    uint64_t by_status[OUTCOME_COUNT];
    uint64_t running, queued, idle_workers, zygote_restarts;
    struct top_http http; // of the interval
    uint64_t connections;
    uint64_t seen;   // runs of the history that the figures below are of
    bool is_part;    // more ended than one page of the history holds
    uint64_t p50_us; // of wall time, of those seen
    uint64_t p99_us;
    struct top_list lists[TOP_GROUP_COUNT];
    struct top_going going[TOP_SHOWN]; // those that began first
    size_t going_count;
};

// What has to be remembered from one look to the next.
struct top_memory {
    bool begun;
    uint64_t at_ns; // of the last look, monotonic
    uint64_t runs;
    uint64_t by_status[OUTCOME_COUNT];
    struct top_http http;
    json_t *page; // ids on the last page, as an object's names; owned
};

void top_memory_free(struct top_memory *memory);
// Compares `stats` and `history` (the bodies of both answers), read at `now_ns`, with the look before, and
// remembers them. False for the first, which there is nothing to compare with. A server that was started
// again in between counts from 0.
bool top_sample_take(struct top_memory *memory, const json_t *stats, const json_t *history, uint64_t now_ns,
                     struct top_sample *ret_sample);

// A screen for people; `url` says whose.
void top_show(FILE *out, bool colour, const char *url, const struct top_sample *sample);
// One line of JSON.
void top_show_json(FILE *out, const struct top_sample *sample);
