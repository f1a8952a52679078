// SPDX-License-Identifier: Apache-2.0
// What lasts beyond a restart: one SQLite file in the state folder. Everything is written by one thread, runs
// in batches; a run that is recorded never waits, neither for the disk nor for a lock held over it, and is
// kept all the same from then on, also if the process is killed: its queue outlives it. A power cut may cost
// the last moments. While the disk is full, runs wait in the queue, over a restart too; when the queue is
// full they are left out of the history, and counted. Any thread.
#pragma once

#include "base/error.h"
#include "base/log.h"
#include "sandboxd/store/run_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct database;

struct store_options {
    const char *state_dir;       // made (0700) if it is not there; outlives the store
    uint64_t runs_max;           // older runs are dropped; 0: no bound
    uint64_t run_age_days_max;   // likewise
    uint64_t audit_age_days_max; // likewise for lines of the audit log
    // Something an administrator wants in the log: at most one in a minute of each kind. May be NULL.
    void (*trouble)(void *context, const char *text);
    void *trouble_context;
    struct logger *logger; // for what goes on; outlives the store; may be NULL
};

// Whether the one before did not close it, and how many runs that it had not written are in the queue now.
bool store_was_interrupted(const struct store *store, uint64_t *ret_recovered);

struct store *store_open(const struct store_options *options, struct error *err);
// Writes what is queued, then closes. What cannot be written is left to the next start. NULL is fine.
void store_close(struct store *store);

// Copies the record into the queue. False if it is full: the run is counted as left out.
bool store_record_run(struct store *store, const struct run_record *record);

// What is done in a transaction: by the functions of the *_rows.h in this folder, whose first argument the
// connection is. They and these are what another back end has to have; nothing beyond this folder knows SQL.
typedef bool store_work(struct database *db, void *context, struct error *err);
// Runs `work` in a transaction of its own on the writer's thread and waits for it. True only when it is on
// the disk. False: nothing of it was kept.
bool store_transact(struct store *store, store_work *work, void *context, struct error *err);
// store_transact without a wait: `done` tells on the writer's thread whether it is on the disk. False: no
// memory, or the store is about to close; then neither is called.
bool store_transact_later(struct store *store, store_work *work, void (*done)(void *context, bool good),
                          void *context);
// store_transact, with runs written in the same transaction: all of it is kept, or nothing.
bool store_transact_with_runs(struct store *store, const struct run_record *const *runs, size_t run_count,
                              store_work *work, void *context, struct error *err);
// Runs `work` on a connection that only reads, one caller at a time, after everything that was recorded
// before this call has been written, unless the last try to write failed.
bool store_read(struct store *store, store_work *work, void *context, struct error *err);

// store_read, and then `take` gets every run that waits in the queue and is not in what `work` has read.
bool store_read_with_queued(struct store *store, store_work *work,
                            void (*take)(void *context, const struct run_record *record), void *context,
                            struct error *err);

// Whether anything can be read; waits as store_read does.
bool store_can_read(struct store *store, struct error *err);

struct store_figures {
    uint64_t queued;  // now
    uint64_t written; // runs since the start
    uint64_t dropped_queue_full;
    uint64_t dropped_store_failed; // the store refused them, as it would again
    bool failing;                  // the last write failed; what is queued is tried again
};
// Takes no lock.
void store_read_figures(const struct store *store, struct store_figures *ret_figures);
