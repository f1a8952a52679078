// SPDX-License-Identifier: Apache-2.0
// A run from its request to its answer.
#pragma once

#include "runtime/engine/engine_state.h"

// Copies what it needs, outside any lock. NULL if there is no memory.
struct run *run_new(const struct run_request *request);
void run_free(struct run *run);
// Lock held, any thread. The run is over: it leaves admission, map and timers, and is answered by the serving
// thread. `host_failure` (static text) if that is our fault.
void run_end(struct engine *engine, struct run *run, const char *host_failure);
// Lock held. Its worker was gone before it could begin: it waits for another one, a few times.
void run_retry(struct engine *engine, struct run *run);
// No lock. Joins all that is known of an ended run, calls its callback and frees it.
void run_answer(struct engine *engine, struct run *run);
