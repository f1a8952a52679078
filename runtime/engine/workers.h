// SPDX-License-Identifier: Apache-2.0
// The engine's table of workers. A worker's id carries its slot, so an exit report finds its worker at once,
// and a serial number, so a late one never finds another. Lock held for all of these.
#pragma once

#include "runtime/engine/engine_state.h"

// A worker that `zygote` is about to be asked for. NULL if there is no memory.
struct worker *worker_new(struct engine *engine, struct zygote *zygote);
// Closes its socket and forgets it.
void worker_free(struct engine *engine, struct worker *worker);
// NULL if `id` is not a worker of this zygote.
struct worker *worker_find(struct engine *engine, const struct zygote *zygote, uint64_t id);
// Closes an idle worker's socket, which ends it; its exit report will follow.
void worker_send_away(struct engine *engine, struct worker *worker);
// A worker of the live zygote waits for a run from now on, and counts so.
void worker_now_idle(struct engine *engine, struct worker *worker);
// Takes the oldest idle worker of `pool`, already counted as taken by admission. NULL if there is none.
struct worker *worker_take_idle(struct pool *pool);
