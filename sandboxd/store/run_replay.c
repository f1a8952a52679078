// SPDX-License-Identifier: Apache-2.0
// At the start: what a process that was killed had recorded, and not written. Before the writer's thread.
#include "sandboxd/store/store_state.h"

// One that is there already is of a store that was put back from a copy: it stays as it is.
static bool write_one(struct store *store, struct usage_batch *usage, const struct run_record *record,
                      uint64_t *written, struct error *err)
{
    if (!run_insert(&store->insert, record, err))
        return err->kind == ERROR_CONFLICT;
    ++*written;
    return usage_batch_add(usage, &store->add_usage, record, err);
}

static bool write_left(struct store *store, const uint16_t *places, unsigned count, uint64_t *ret_written,
                       struct error *err)
{
    struct usage_batch usage = {.count = 0};
    uint64_t last = run_journal_sequence(&store->journal, places[count - 1]), written = 0;
    if (!database_begin(store->write_db, "BEGIN IMMEDIATE", err))
        return false;
    bool good = true;
    for (unsigned i = 0; good && i < count; i++)
        good = write_one(store, &usage, run_journal_at(&store->journal, places[i]), &written, err);
    good = good && usage_batch_write(&usage, &store->add_usage, err) &&
           journal_mark_put(&store->mark, last, err);
    if (!database_end(store->write_db, good, err))
        return error_prefix(err, "writing %u runs that the last process left", count);
    store->passed = last;
    *ret_written = written;
    return true;
}

bool runs_replay(struct store *store, struct error *err)
{
    uint16_t places[JOURNAL_PLACES];
    if (!journal_mark_read(store->write_db, &store->passed, err))
        return false;
    unsigned count = store->was_interrupted ? run_journal_left(&store->journal, store->passed, places) : 0;
    if (count > 0 && !write_left(store, places, count, &store->recovered, err))
        return false;
    store->recorded = store->passed;
    store->run_count += store->recovered;
    run_journal_wipe(&store->journal);
    return true;
}
