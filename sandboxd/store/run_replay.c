// SPDX-License-Identifier: Apache-2.0
// At the start: what the process before us had recorded, and not written, since it was killed or its disk was
// full. It is the front of the queue: the writer's thread, which does not go yet, writes it when it can.
#include "sandboxd/store/store_state.h"

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
