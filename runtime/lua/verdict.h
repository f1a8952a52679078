// SPDX-License-Identifier: Apache-2.0
// The last words of a worker: one result frame, then the exit. Whoever comes first (the run's own end, a
// hook, the allocator, the timer's handler) sets `ending`, and nobody else writes after that. Worker only.
#pragma once

#include "runtime/lua/traceback.h"
#include "runtime/protocol/job_messages.h"

struct lua_image;

// Ends the run because of a limit. `observed` as in struct worker_result. `trace` NULL: as it is now.
// Async-signal-safe as far as reading the Lua state is.
_Noreturn void verdict_limit(struct lua_image *image, enum outcome outcome, uint64_t observed,
                             const struct traceback *trace);
// Ends the run with `result`, to which usage figures and the flag of cut logs are added.
_Noreturn void verdict_result(struct lua_image *image, struct worker_result *result);
