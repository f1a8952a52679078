// SPDX-License-Identifier: Apache-2.0
// Forking workers, killing them and reaping them. In the zygote only.
#pragma once

#include "runtime/zygote/control.h"
#include "runtime/zygote/worker.h"
#include "runtime/zygote/worker_table.h"

#include <stdbool.h>

// Forks one worker with `socket`, which stays the caller's. Does not return in the worker. A worker that
// cannot be forked, or remembered, is queued as an exit with its errno. False without memory for that.
bool spawn_worker(const struct worker_plan *plan, struct worker_table *workers, struct control *control,
                  uint64_t worker_id, int socket);

// Kills a worker if it is still there.
void spawn_kill(const struct worker_table *workers, uint64_t worker_id);

// Reaps whatever has ended and queues its exit. False without memory.
bool spawn_reap(struct worker_table *workers, struct control *control);
