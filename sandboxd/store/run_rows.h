// SPDX-License-Identifier: Apache-2.0
// Runs in the store: read back, listed, and their figures for advice. On a connection of store_read.
#pragma once

#include "base/error.h"
#include "policies/advice.h"
#include "sandboxd/store/run_record.h"

struct database;

// What a list of runs is narrowed down to. NULL or 0 leaves a condition out.
struct run_filter {
    const char *tenant;
    const char *plugin;
    const char *policy;
    const char *status;
    const char *trace_id;
    int64_t since_ms;  // at or after
    int64_t until_ms;  // before
    const char *below; // an id: runs that began before that one
    unsigned limit;
};

// Calls `take` for each, the newest first.
bool runs_list(struct database *db, const struct run_filter *filter,
               void (*take)(void *context, const struct run_record *record), void *context,
               struct error *err);
// False with ERROR_NOT_FOUND if there is none of that id.
bool run_get(struct database *db, const char *id, struct run_record *ret_record, struct error *err);

// Figures of the last runs that say something about limits, each limit's in an array of its own; times in µs.
struct run_samples {
    size_t ended_count;               // runs that ended by themselves
    size_t cut_off_count;             // runs that a limit ended
    uint64_t *ended[RUN_LIMIT_COUNT]; // NULL where runs are not measured
    uint64_t *cut_off[RUN_LIMIT_COUNT];
};

// The last `maximum` runs of a policy, and of one plugin if that is not NULL. The caller frees the samples.
bool run_samples_read(struct database *db, const char *policy, const char *plugin, size_t maximum,
                      struct run_samples *ret_samples, struct error *err);
void run_samples_free(struct run_samples *samples);
// The unit of a limit's samples is 1/n of the limit's own: 1000 for times, since those are in µs.
unsigned run_samples_scale(enum run_limit limit);

// The plugins of a policy's last `runs` runs, those with the most runs first; at most `maximum`.
bool run_plugins_read(struct database *db, const char *policy, size_t runs, unsigned maximum,
                      void (*take)(void *context, const char *plugin), void *context, struct error *err);
