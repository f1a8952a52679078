// SPDX-License-Identifier: Apache-2.0
// The life of a policy's zygotes: attached when started, live when ready, replaced when old, started again
// with back-off when dead. Lock held for all of these but the first two; serving thread where it says so.
#pragma once

#include "runtime/engine/engine_state.h"

// A zygote for `policy`: the one that waits for its policy, or else a new one; for one run, with a worker
// asked for. NULL on failure. Lock not held.
struct zygote *zygote_for(struct engine *engine, const struct policy *policy, bool try_interpreter,
                          struct error *err);
// Ends and frees one that no pool has, with the worker that was asked for. Lock not held.
void zygote_drop(struct engine *engine, struct zygote *zygote);
// Hands a started zygote to its pool, and has its descriptors watched. False leaves it the caller's.
bool zygote_attach(struct engine *engine, struct pool *pool, struct zygote *zygote, struct error *err);
// Its READY was taken: it becomes the live one, and the one before retires.
void zygote_ready_now(struct engine *engine, struct zygote *zygote);
// Takes no new runs; ends when its last run is over.
void zygote_retire(struct engine *engine, struct zygote *zygote);
// A retiring zygote without runs ends now.
void zygote_check_retired(struct engine *engine, struct zygote *zygote);
// Serving thread. It died, is stuck or broke the protocol: it is killed, its
// runs fail as our fault, and a new one is started after a back-off.
void zygote_fail(struct engine *engine, struct zygote *zygote, const char *why);
// Kills it and forgets its workers; its runs end with `host_failure`. The serving thread reaps it.
void zygote_end(struct engine *engine, struct zygote *zygote, const char *host_failure);
// Serving thread: its process is gone.
void zygote_on_process(struct engine *engine, struct zygote *zygote);
// Serving thread: one of the pool's times has come.
void pool_on_timer(struct engine *engine, struct pool *pool);
// A run began on the pool's zygote: asks for a successor if it has served enough.
void pool_check_worn(struct engine *engine, struct pool *pool);
// The pool takes no more runs from now on; ends with its last one.
void pool_drain(struct engine *engine, struct pool *pool);
// Serving thread: frees a drained pool. True if it did.
bool pool_check_drained(struct engine *engine, struct pool *pool);
// Serving thread, without the lock: starts the zygote that the pool wants.
void pool_start_zygote(struct engine *engine, struct pool *pool);
