// SPDX-License-Identifier: Apache-2.0
// Runs and their workers: the job goes out, deadlines pass, the worker is told to end.
#pragma once

#include "runtime/engine/engine_state.h"

// Lock held. Gives waiting runs idle workers until no more may start. Any thread.
void dispatch_waiting(struct engine *engine);
// Serving thread, no lock: the worker's socket has something to say, or room for more of the job.
void dispatch_on_worker(struct engine *engine, struct run *run, uint32_t events);
// Lock held: a run's timer rang.
void dispatch_on_timer(struct engine *engine, struct run *run);
// Lock held: has the worker of a running run killed. What follows is its exit report, or the zygote's end.
void dispatch_kill(struct engine *engine, struct run *run);
// Lock held: the socket is no longer waited for.
void dispatch_unwatch(struct engine *engine, struct run *run);
