// SPDX-License-Identifier: Apache-2.0
// What was used and what it cost: summed up per day (of UTC, by when a run began), tenant, plan and plugin,
// in the transaction that keeps the runs, so that the sums are always those of the runs. Whole numbers only.
#pragma once

#include "base/error.h"
#include "sandboxd/store/run_record.h"

#include <stdbool.h>
#include <stdint.h>

struct database;
struct statement;

struct usage_sum {
    uint64_t runs;
    uint64_t failures; // everything that did not end ok
    uint64_t cpu_us;
    uint64_t memory_kib_ms;
    uint64_t cost_micros;
};

// Sums of one batch of runs, gathered before they are written.
enum { USAGE_BATCH_MAX = 64 };
struct usage_batch {
    unsigned count;
    struct usage_of {
        int64_t day;                        // days since 1970
        const char *tenant, *plan, *plugin; // of a record of the batch
        struct usage_sum sum;
    } items[USAGE_BATCH_MAX];
};

struct statement usage_add_statement(struct database *db);
// `record` outlives the batch. A batch that is full is written first.
bool usage_batch_add(struct usage_batch *batch, struct statement *add, const struct run_record *record,
                     struct error *err);
bool usage_batch_write(struct usage_batch *batch, struct statement *add, struct error *err);

// What usage is asked for. NULL and 0 leave a condition out; `from_day` and `to_day` are both within.
struct usage_filter {
    const char *tenant;
    int64_t from_day, to_day;
    unsigned limit;
};
// A row of an answer; what it is not divided by is "" or 0.
struct usage_row {
    int64_t day;
    const char *tenant;
    const char *plugin;
    struct usage_sum sum;
};
typedef bool usage_taker(void *context, const struct usage_row *row);
// By day, the oldest first, and within a day by plugin.
bool usage_by_plugin_read(struct database *db, const struct usage_filter *filter, usage_taker *take,
                          void *context, struct error *err);
// By day, the oldest first.
bool usage_by_day_read(struct database *db, const struct usage_filter *filter, usage_taker *take,
                       void *context, struct error *err);
// The last day of which there is any; 0 without one.
bool usage_last_day_read(struct database *db, int64_t *ret_day, struct error *err);
// By tenant, the dearest first.
bool usage_by_tenant_read(struct database *db, const struct usage_filter *filter, usage_taker *take,
                          void *context, struct error *err);
