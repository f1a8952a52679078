// SPDX-License-Identifier: Apache-2.0
// At the start: what the process before us had recorded, and not written, since it was killed or its disk was
// full. It is the front of the queue: the writer's thread, which does not go yet, writes it when it can.
// Until then who sums up what runs cost has to look at the queue as well.
#include "sandboxd/store/store_state.h"

#include <stdlib.h>

bool runs_replay(struct store *store, struct error *err)
{
    if (!journal_mark_read(store->write_db, &store->passed, err))
        return false;
    unsigned head;
    unsigned count = run_journal_adopt(&store->journal, store->passed, &head);
    store->head = head;
    store->recovered = count;
    gauge_set(&store->count, count);
    store->recorded = count == 0 ? store->passed
                                 : run_journal_sequence(&store->journal, (head + count - 1) % QUEUE_CAPACITY);
    return true;
}

// Copies, since the writer may write any of them meanwhile.
struct queued {
    store_work *work;
    void *context;
    uint64_t passed; // of what is read
    size_t count;
    struct queued_run {
        uint64_t sequence;
        struct run_record record;
    } * runs;
};

static bool copy_queue(struct store *store, struct queued *queued, struct error *err)
{
    pthread_mutex_lock(&store->lock);
    size_t count = gauge_read(&store->count);
    queued->runs = calloc(count + 1, sizeof *queued->runs);
    for (; queued->runs != NULL && queued->count < count; queued->count++) {
        unsigned place = (unsigned)((store->head + queued->count) % QUEUE_CAPACITY);
        queued->runs[queued->count] =
            (struct queued_run){.sequence = run_journal_sequence(&store->journal, place),
                                .record = *run_journal_at(&store->journal, place)};
    }
    pthread_mutex_unlock(&store->lock);
    return queued->runs != NULL || error_set(err, ERROR_MEMORY, "no memory for the runs that wait");
}

// In one snapshot: the mark tells which of the copies it has.
static bool read_with_mark(struct database *db, void *queued_, struct error *err)
{
    struct queued *queued = queued_;
    return journal_mark_read(db, &queued->passed, err) && queued->work(db, queued->context, err);
}

bool store_read_with_queued(struct store *store, store_work *work,
                            void (*take)(void *context, const struct run_record *record), void *context,
                            struct error *err)
{
    struct queued queued = {.work = work, .context = context};
    bool good = copy_queue(store, &queued, err) && store_read(store, read_with_mark, &queued, err);
    for (size_t i = 0; good && i < queued.count; i++)
        if (queued.runs[i].sequence > queued.passed)
            take(context, &queued.runs[i].record);
    free(queued.runs);
    return good;
}
