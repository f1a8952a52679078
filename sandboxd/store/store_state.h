// SPDX-License-Identifier: Apache-2.0
// The store's inside. Only for sandboxd/store/.
#pragma once

#include "base/gauge.h"
#include "sandboxd/store/database.h"
#include "sandboxd/store/run_journal.h"
#include "sandboxd/store/store.h"
#include "sandboxd/store/usage_rows.h"

#include <pthread.h>

enum {
    QUEUE_CAPACITY = JOURNAL_PLACES,
    BATCH_MAX = 512,
    GATHER_MS = 25,          // how long runs may wait to be written together
    YIELD_MS = 100,          // how long after a batch transactions may go before runs that wait
    RETRY_MS = 1000,         // after a failure, before the next try
    TROUBLE_MS = 60 * 1000,  // between two complaints
    PRUNE_EVERY = 1000,      // runs written between two looks at their age and number
    PRUNE_MAX = 2000,        // rows dropped in one go
    PRUNE_REST_MS = 1000,    // before the next go, if there is more to drop
    PRUNE_IDLE_MS = 3600000, // before the next look, if few runs come
    READ_WAIT_MS = 2000,     // how long a reader waits for the writer
};

// A transaction: of who waits for it, on its caller's stack; else it is the writer's to free.
struct task {
    store_work *work;
    void *context;
    const struct run_record *const *runs;
    size_t run_count;
    struct error *err;
    void (*tell)(void *context, bool good); // NULL: somebody waits
    bool done, good;
    struct task *next;
};

struct store {
    struct store_options options;
    bool was_interrupted; // the one before us
    uint64_t recovered;   // runs that it left, and that are queued again
    pthread_t thread;
    struct database *write_db;  // the writer's
    struct statement insert;    // likewise
    struct statement add_usage; // likewise
    struct statement mark;      // likewise: of the journal
    uint64_t run_count;         // likewise: rows in the table
    uint64_t since_prune;       // likewise
    uint64_t prune_at_ns;       // likewise: when to look, although few runs came
    uint64_t retry_at_ns;       // likewise: after a failure
    uint64_t batch_due_ns;      // likewise: from then on runs that wait go first
    uint64_t complained_at_ns;  // likewise
    pthread_mutex_t read_lock;
    struct database *read_db;

    pthread_mutex_t lock; // for everything below
    pthread_cond_t wake;  // of the writer
    pthread_cond_t settled;
    bool writer_waits; // for the first run or task
    bool hurry;        // somebody waits for what is queued
    bool stopping;
    struct run_journal journal; // the queue: QUEUE_CAPACITY records in a ring
    size_t head;
    struct gauge count;        // queued
    uint64_t recorded, passed; // sequences of the last that was queued; that was written
    struct task *first_task, *last_task;
    struct gauge written, dropped_queue_full, dropped_store_failed;
    struct gauge failing; // 1: the last write failed
};

// writer.c
void *store_writer(void *store);
// run_rows.c
struct statement run_insert_statement(struct database *db);
bool run_insert(struct statement *insert, const struct run_record *record, struct error *err);
// run_replay.c: queues what the one before us left.
bool runs_replay(struct store *store, struct error *err);
// run_retention.c: drops runs that are too old or too many, and old lines of the audit log, a bounded number
// at once.
bool runs_count(struct database *db, uint64_t *ret_count, struct error *err);
bool runs_prune(struct store *store, struct error *err);
