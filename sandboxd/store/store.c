// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/require.h"
#include "sandboxd/store/last_stop.h"
#include "sandboxd/store/store_state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool make_folder(const char *folder, struct error *err)
{
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        return true;
    return error_system(err, errno,
                        "cannot make the state folder %s; set state_dir to one that can be written", folder);
}

// SQLite says "unable to open database file" of any reason.
static bool folder_writable(const char *folder, struct error *err)
{
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
        return true;
    return error_system(
        err, errno, "cannot write to the state folder %s; set state_dir to one that can be written", folder);
}

static bool migrate(struct store *store, struct error *err)
{
    int64_t before, after;
    if (!database_version(store->write_db, &before, err) || !database_migrate(store->write_db, err) ||
        !database_version(store->write_db, &after, err))
        return false;
    if (before != after)
        log_to(store->options.logger, before > 0 ? LOG_INFO : LOG_DEBUG, "the store has a new schema",
               LOG_INTEGER("from", before), LOG_INTEGER("to", after));
    return true;
}

static bool open_journal(struct store *store, struct error *err)
{
    struct journal_aside aside;
    if (!run_journal_open(&store->journal, store->options.state_dir, &aside, err))
        return false;
    if (aside.path[0] != '\0' && store->options.logger != NULL)
        log_to(store->options.logger, LOG_WARN, "the journal of runs is of another version and was put aside",
               LOG_TEXT("path", aside.path), LOG_INTEGER("bytes", aside.bytes));
    return true;
}

static bool open_both(struct store *store, struct error *err)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/sandboxd.db", store->options.state_dir);
    mode_t before = umask(0077);
    bool opened = database_open(path, true, &store->write_db, err);
    umask(before);
    if (!opened || !migrate(store, err) || !database_open(path, false, &store->read_db, err) ||
        !runs_count(store->write_db, &store->run_count, err))
        return false;
    store->insert = run_insert_statement(store->write_db);
    store->add_usage = usage_add_statement(store->write_db);
    store->mark = journal_mark_statement(store->write_db);
    return statement_done(&store->insert, err) && statement_done(&store->add_usage, err) &&
           statement_done(&store->mark, err);
}

static bool start_writer(struct store *store, struct error *err)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&store->read_lock, NULL);
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->wake, &monotonic);
    pthread_cond_init(&store->settled, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed = pthread_create(&store->thread, NULL, store_writer, store);
    if (failed != 0)
        return error_system(err, failed, "cannot start the store's thread");
    pthread_setname_np(store->thread, "store");
    return true;
}

static void free_store(struct store *store)
{
    statement_free(&store->insert);
    statement_free(&store->add_usage);
    statement_free(&store->mark);
    database_close(store->read_db);
    database_close(store->write_db);
    run_journal_close(&store->journal);
    free(store);
}

struct store *store_open(const struct store_options *options, struct error *err)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        error_set(err, ERROR_MEMORY, "no memory for the store");
        return NULL;
    }
    store->options = *options;
    if (!make_folder(options->state_dir, err) || !folder_writable(options->state_dir, err) ||
        !open_journal(store, err) || !open_both(store, err) ||
        !last_stop_mark(options->state_dir, &store->was_interrupted, err) || !runs_replay(store, err) ||
        !start_writer(store, err)) {
        free_store(store);
        return NULL;
    }
    return store;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    store->stopping = true;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    if (gauge_read(&store->count) == 0)
        run_journal_wipe(&store->journal); // a copy of the store that is put back later does not get them
    pthread_cond_destroy(&store->settled);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->lock);
    pthread_mutex_destroy(&store->read_lock);
    last_stop_clear(store->options.state_dir);
    free_store(store);
}

bool store_was_interrupted(const struct store *store, uint64_t *ret_recovered)
{
    *ret_recovered = store->recovered;
    return store->was_interrupted;
}

bool store_record_run(struct store *store, const struct run_record *record)
{
    pthread_mutex_lock(&store->lock);
    uint64_t count = gauge_read(&store->count);
    bool fits = count < QUEUE_CAPACITY;
    if (fits) {
        unsigned place = (unsigned)((store->head + count) % QUEUE_CAPACITY);
        run_journal_put(&store->journal, place, ++store->recorded, record);
        gauge_set(&store->count, ++count);
        // A writer that gathers is left alone: it wakes by itself, and a wake-up a run would be dear.
        if (store->writer_waits || count == QUEUE_CAPACITY / 2)
            pthread_cond_signal(&store->wake);
    } else {
        gauge_add(&store->dropped_queue_full, 1);
    }
    pthread_mutex_unlock(&store->lock);
    return fits;
}

// With the lock held.
static void add_task(struct store *store, struct task *task)
{
    if (store->last_task)
        store->last_task->next = task;
    else
        store->first_task = task;
    store->last_task = task;
    pthread_cond_signal(&store->wake);
}

bool store_transact_later(struct store *store, store_work *work, void (*done)(void *context, bool good),
                          void *context)
{
    struct task *task = malloc(sizeof *task);
    if (!task)
        return false;
    *task = (struct task){.work = work, .context = context, .tell = done};
    pthread_mutex_lock(&store->lock);
    bool taken = !store->stopping;
    if (taken)
        add_task(store, task);
    pthread_mutex_unlock(&store->lock);
    if (!taken)
        free(task);
    return taken;
}

bool store_transact(struct store *store, store_work *work, void *context, struct error *err)
{
    return store_transact_with_runs(store, NULL, 0, work, context, err);
}

bool store_transact_with_runs(struct store *store, const struct run_record *const *runs, size_t run_count,
                              store_work *work, void *context, struct error *err)
{
    struct task task = {.work = work, .context = context, .runs = runs, .run_count = run_count, .err = err};
    pthread_mutex_lock(&store->lock);
    require(!store->stopping);
    add_task(store, &task);
    while (!task.done)
        pthread_cond_wait(&store->settled, &store->lock);
    pthread_mutex_unlock(&store->lock);
    return task.good;
}

// Returns when what was recorded before is written, or the store fails, or the writer takes too long.
static void settle(struct store *store)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += READ_WAIT_MS / 1000;
    pthread_mutex_lock(&store->lock);
    uint64_t wanted = store->recorded;
    while (store->passed < wanted && gauge_read(&store->failing) == 0) {
        store->hurry = true;
        pthread_cond_signal(&store->wake);
        if (pthread_cond_timedwait(&store->settled, &store->lock, &until) == ETIMEDOUT)
            break;
    }
    pthread_mutex_unlock(&store->lock);
}

bool store_read(struct store *store, store_work *work, void *context, struct error *err)
{
    uint64_t began_ns = clock_monotonic_ns();
    settle(store);
    pthread_mutex_lock(&store->read_lock);
    // One snapshot for all that the work reads.
    bool good = database_begin(store->read_db, "BEGIN", err) &&
                database_end(store->read_db, work(store->read_db, context, err), err);
    pthread_mutex_unlock(&store->read_lock);
    log_to(store->options.logger, LOG_TRACE, "read done", LOG_BOOL("good", good),
           LOG_MS_FROM_US("took_ms", (clock_monotonic_ns() - began_ns) / NS_PER_US));
    return good;
}

static bool read_something(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db, "SELECT count(*) FROM sqlite_schema", err);
}

bool store_can_read(struct store *store, struct error *err)
{
    return store_read(store, read_something, NULL, err);
}

void store_read_figures(const struct store *store, struct store_figures *ret_figures)
{
    uint64_t queued = gauge_read(&store->count); // first: what left the queue is counted among the others
    *ret_figures = (struct store_figures){
        .queued = queued,
        .written = gauge_read(&store->written),
        .dropped_queue_full = gauge_read(&store->dropped_queue_full),
        .dropped_store_failed = gauge_read(&store->dropped_store_failed),
        .failing = gauge_read(&store->failing) != 0,
    };
}
