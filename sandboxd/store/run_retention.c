// SPDX-License-Identifier: Apache-2.0
// How long runs are kept, a number and an age, and lines of the audit log, an age. Looked at at the start,
// every hour, and after every thousand runs; a bounded number is dropped at once, so that a lowered bound
// never stops the writer for long.
#include "base/clock.h"
#include "sandboxd/store/policy_rows.h"
#include "sandboxd/store/store_state.h"

#include <string.h>

enum { MS_PER_DAY = 24 * 60 * 60 * 1000 };

bool runs_count(struct database *db, uint64_t *ret_count, struct error *err)
{
    autostatement struct statement count = statement_make(db, "SELECT count(*) FROM runs");
    if (statement_row(&count))
        *ret_count = (uint64_t)column_integer(&count, 0);
    return statement_done(&count, err);
}

// Drops the oldest `excess` runs, of those whose id is less than `before`.
static bool drop_runs(struct store *store, const unsigned char before[RUN_ID_BYTES], uint64_t excess,
                      struct error *err)
{
    autostatement struct statement drop = statement_make(
        store->write_db, "DELETE FROM runs WHERE id IN (SELECT id FROM runs INDEXED BY runs_by_time "
                         "WHERE id < ? ORDER BY id LIMIT ?)");
    bind_blob(&drop, before, RUN_ID_BYTES);
    bind_integer(&drop, (int64_t)(excess < PRUNE_MAX ? excess : PRUNE_MAX));
    bool good = statement_run(&drop, err);
    if (good)
        store->run_count -= (uint64_t)database_changes(store->write_db);
    return good;
}

static bool drop_old(struct store *store, struct error *err)
{
    unsigned char before[RUN_ID_BYTES];
    run_first_id(clock_unix_ms() - (int64_t)store->options.run_age_days_max * MS_PER_DAY, before);
    return drop_runs(store, before, PRUNE_MAX, err);
}

static bool drop_oldest(struct store *store, struct error *err)
{
    unsigned char all[RUN_ID_BYTES];
    memset(all, 0xff, sizeof all);
    return drop_runs(store, all, store->run_count - store->options.runs_max, err);
}

static bool drop_old_audit(struct store *store, bool *more, struct error *err)
{
    int64_t before_ms = clock_unix_ms() - (int64_t)store->options.audit_age_days_max * MS_PER_DAY;
    bool good = audit_drop_before(store->write_db, before_ms, PRUNE_MAX, err);
    *more |= good && database_changes(store->write_db) == PRUNE_MAX;
    return good;
}

bool runs_prune(struct store *store, struct error *err)
{
    const struct store_options *options = &store->options;
    uint64_t before = store->run_count;
    bool good = true;
    store->since_prune = 0;
    if (options->run_age_days_max > 0)
        good = drop_old(store, err);
    if (good && options->runs_max > 0 && store->run_count > options->runs_max)
        good = drop_oldest(store, err);
    bool more = good && before - store->run_count >= PRUNE_MAX;
    if (good && options->audit_age_days_max > 0)
        good = drop_old_audit(store, &more, err);
    log_to(store->options.logger, LOG_DEBUG, "looked for what is too old",
           LOG_INTEGER("runs_dropped", before - store->run_count), LOG_INTEGER("runs", store->run_count),
           LOG_BOOL("more", more));
    store->prune_at_ns = clock_monotonic_ns() + (more ? PRUNE_REST_MS : PRUNE_IDLE_MS) * NS_PER_MS;
    return good;
}
