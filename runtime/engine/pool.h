// SPDX-License-Identifier: Apache-2.0
// Idle workers of one policy version: how many to keep, when to ask for more, when to let some go. The target
// starts at twice the policy's idle_workers (a refill comes at half of it), doubles whenever a run finds no
// idle worker (up to what may run at once), and shrinks again by what was never needed.
#pragma once

#include "runtime/engine/engine_state.h"

// Belongs to nobody yet. NULL if there is no memory.
struct pool *pool_new(const struct engine *engine, struct policy *policy);
// No zygote, run or list may hold it any more.
void pool_free(struct pool *pool);

// Lock held: a run came or a worker went; asks for more workers if that leaves too few.
void pool_note_use(struct engine *engine, struct pool *pool);
// Serving thread, no lock: asks the zygote for one batch of workers, if any are wanted.
void pool_refill(struct engine *engine, struct pool *pool);
// No lock: asks a zygote that still starts for one worker. It is forked once the zygote is ready, and idle
// from then on; if it cannot be asked for, it is when a run wants it.
void pool_ask_ahead(struct engine *engine, struct zygote *zygote);
// Lock held: lets go of workers that were not needed lately. True if there may be more of them later.
bool pool_shrink(struct engine *engine, struct pool *pool);
// How many workers to ask for now. Pure.
uint32_t pool_workers_wanted(const struct engine *engine, const struct pool *pool, uint64_t now_ns);
// Lock held: forks nothing for a moment, since forking fails or workers die at once.
void pool_pause(struct engine *engine, struct pool *pool);
// Lock held: sets the pool's timer to the first of its times.
void pool_schedule(struct engine *engine, struct pool *pool);
