// SPDX-License-Identifier: Apache-2.0
// The one thread that writes. Runs are gathered for some milliseconds and written in one transaction;
// transactions that somebody waits for go first, as long as runs do not wait too long or too many for them.
#include "base/clock.h"
#include "sandboxd/store/store_state.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void complain(struct store *store, const struct error *err)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (!store->options.trouble || now_ns < store->complained_at_ns)
        return;
    store->complained_at_ns = now_ns + TROUBLE_MS * NS_PER_MS;
    store->options.trouble(store->options.trouble_context, err->text);
}

// The records at the front of the queue.
struct batch {
    size_t head, count;
    uint64_t last;    // sequence
    uint64_t refused; // their ids are in the store, or it has another reason to take them never
};

static unsigned place_of(const struct batch *batch, size_t i)
{
    return (unsigned)((batch->head + i) % QUEUE_CAPACITY);
}

// A record that the store refuses must not keep all that come after it from being written.
static bool write_record(struct store *store, struct batch *batch, struct usage_batch *usage,
                         const struct run_record *record, struct error *err)
{
    if (run_insert(&store->insert, record, err))
        return usage_batch_add(usage, &store->add_usage, record, err);
    batch->refused++;
    return err->kind == ERROR_CONFLICT;
}

static bool write_records(struct store *store, struct batch *batch, struct error *err)
{
    if (!database_begin(store->write_db, "BEGIN IMMEDIATE", err))
        return false;
    struct usage_batch usage = {.count = 0};
    bool good = true;
    for (size_t i = 0; good && i < batch->count; i++)
        good = write_record(store, batch, &usage, run_journal_at(&store->journal, place_of(batch, i)), err);
    good = good && usage_batch_write(&usage, &store->add_usage, err) &&
           journal_mark_put(&store->mark, batch->last, err);
    return database_end(store->write_db, good, err);
}

// Without the lock: the records stay where they are until they are counted as passed. After a failure they
// wait there, and the store is left alone for a while: a full disk must not become a busy one too.
static bool write_batch(struct store *store, struct batch *batch)
{
    size_t count = batch->count;
    struct error err = {0};
    uint64_t began_ns = clock_monotonic_ns();
    if (!write_records(store, batch, &err)) {
        store->retry_at_ns = clock_monotonic_ns() + RETRY_MS * NS_PER_MS;
        complain(store, &err);
        return false;
    }
    if (batch->refused > 0)
        complain(store, &err);
    log_to(store->options.logger, LOG_DEBUG, "runs written", LOG_INTEGER("rows", count - batch->refused),
           LOG_MS_FROM_US("took_ms", (clock_monotonic_ns() - began_ns) / NS_PER_US),
           LOG_INTEGER("waiting", gauge_read(&store->count) - count));
    store->retry_at_ns = 0;
    store->run_count += count - batch->refused;
    store->since_prune += count;
    if (store->since_prune >= PRUNE_EVERY && !runs_prune(store, &err))
        complain(store, &err);
    return true;
}

static void take_batch(struct store *store)
{
    uint64_t queued = gauge_read(&store->count);
    struct batch batch = {.head = store->head, .count = queued < BATCH_MAX ? queued : BATCH_MAX};
    batch.last = run_journal_sequence(&store->journal, place_of(&batch, batch.count - 1));
    pthread_mutex_unlock(&store->lock);
    bool good = write_batch(store, &batch);
    pthread_mutex_lock(&store->lock);
    store->batch_due_ns = clock_monotonic_ns() + YIELD_MS * NS_PER_MS;
    gauge_set(&store->failing, !good);
    if (good) {
        store->head = (store->head + batch.count) % QUEUE_CAPACITY;
        store->passed = batch.last;
        gauge_add(&store->written, (int64_t)(batch.count - batch.refused));
        gauge_add(&store->dropped_store_failed, (int64_t)batch.refused);
        gauge_add(&store->count, -(int64_t)batch.count); // last: see store_read_figures
    }
    if (gauge_read(&store->count) == 0) {
        store->hurry = false;
        store->head = 0; // so that a queue that stays short touches little memory
    }
    pthread_cond_broadcast(&store->settled);
}

static bool write_runs(struct store *store, const struct task *task)
{
    struct usage_batch usage = {.count = 0};
    bool good = true;
    for (size_t i = 0; good && i < task->run_count; i++)
        good = run_insert(&store->insert, task->runs[i], task->err) &&
               usage_batch_add(&usage, &store->add_usage, task->runs[i], task->err);
    return good && usage_batch_write(&usage, &store->add_usage, task->err);
}

static bool transact(struct store *store, struct task *task)
{
    struct database *db = store->write_db;
    if (!database_begin(db, "BEGIN IMMEDIATE", task->err))
        return false;
    bool good = write_runs(store, task) && task->work(db, task->context, task->err);
    return database_end(db, good, task->err);
}

static bool perform(struct store *store, struct task *task)
{
    struct database *db = store->write_db;
    // Whoever waits is told that it is on the disk, so it has to be.
    if (!database_settle(db, task->err) || !database_execute(db, "PRAGMA synchronous = FULL", task->err))
        return false;
    bool good = transact(store, task);
    database_execute(db, "PRAGMA synchronous = NORMAL", NULL);
    if (good) {
        store->run_count += task->run_count;
        store->since_prune += task->run_count;
    }
    return good;
}

static void take_task(struct store *store)
{
    struct task *task = store->first_task;
    store->first_task = task->next;
    if (!store->first_task)
        store->last_task = NULL;
    pthread_mutex_unlock(&store->lock);
    uint64_t began_ns = clock_monotonic_ns();
    bool good = perform(store, task);
    log_to(store->options.logger, LOG_DEBUG, "transaction done", LOG_BOOL("kept", good),
           LOG_MS_FROM_US("took_ms", (clock_monotonic_ns() - began_ns) / NS_PER_US));
    if (task->tell) {
        task->tell(task->context, good);
        free(task);
        pthread_mutex_lock(&store->lock);
        return;
    }
    pthread_mutex_lock(&store->lock);
    gauge_add(&store->written, good ? (int64_t)task->run_count : 0);
    task->good = good;
    task->done = true;
    pthread_cond_broadcast(&store->settled);
}

// Without this a service that runs little would keep what is too old until its thousandth run.
static void prune_if_due(struct store *store)
{
    if (clock_monotonic_ns() < store->prune_at_ns)
        return;
    pthread_mutex_unlock(&store->lock);
    struct error err;
    if (!runs_prune(store, &err))
        complain(store, &err);
    pthread_mutex_lock(&store->lock);
}

// Runs wait, and the store has not failed just now. What stops tries once more.
static bool runs_may_go(const struct store *store)
{
    return gauge_read(&store->count) > 0 && (store->stopping || clock_monotonic_ns() >= store->retry_at_ns);
}

static bool anything_to_do(const struct store *store)
{
    return runs_may_go(store) || store->first_task || store->stopping;
}

// Whether runs have let transactions pass for long enough.
static bool batch_is_due(const struct store *store)
{
    return runs_may_go(store) &&
           (gauge_read(&store->count) >= QUEUE_CAPACITY / 4 || clock_monotonic_ns() >= store->batch_due_ns);
}

static void gather(struct store *store)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += GATHER_MS * (long)NS_PER_MS;
    if (until.tv_nsec >= (long)NS_PER_S) {
        until.tv_nsec -= (long)NS_PER_S;
        until.tv_sec++;
    }
    while (!store->hurry && !store->first_task && !store->stopping &&
           gauge_read(&store->count) < QUEUE_CAPACITY / 2)
        if (pthread_cond_timedwait(&store->wake, &store->lock, &until) == ETIMEDOUT)
            break;
}

static void wait_for_work(struct store *store)
{
    while (!anything_to_do(store)) {
        // Runs that wait for another try need no wake-up from those that join them.
        bool retrying = gauge_read(&store->count) > 0;
        uint64_t until_ns =
            retrying && store->retry_at_ns < store->prune_at_ns ? store->retry_at_ns : store->prune_at_ns;
        struct timespec until = {.tv_sec = (time_t)(until_ns / NS_PER_S),
                                 .tv_nsec = (long)(until_ns % NS_PER_S)};
        store->writer_waits = !retrying;
        pthread_cond_timedwait(&store->wake, &store->lock, &until);
        store->writer_waits = false;
        prune_if_due(store);
    }
}

void *store_writer(void *store_)
{
    struct store *store = store_;
    pthread_mutex_lock(&store->lock);
    prune_if_due(store);
    for (;;) {
        wait_for_work(store);
        if (store->first_task) {
            if (batch_is_due(store))
                take_batch(store);
            take_task(store);
        } else if (runs_may_go(store)) {
            gather(store);
            if (store->first_task)
                continue;
            take_batch(store);
            if (store->stopping && gauge_read(&store->failing) != 0)
                break; // what is in the journal is the next start's
        } else if (store->stopping) {
            break; // and all is written
        }
    }
    pthread_mutex_unlock(&store->lock);
    return NULL;
}
