// SPDX-License-Identifier: Apache-2.0
// What a run costs by its plan, in millionths of the currency's unit: so much a run, a second of CPU time,
// and a GiB of memory for a second; each part rounded up. What a run used beyond its limits is not its
// tenant's to pay, so an estimate from the limits is never exceeded. Pure; any thread.
#pragma once

#include "runtime/engine/engine.h"
#include "sandboxd/accounts/plan.h"

#include <stdint.h>

// The most that a run under these limits can cost.
uint64_t price_estimate(const struct plan *plan, const struct run_limits *limits);
// What each run that a worker had costs at least.
uint64_t price_least(const struct plan *plan);
// Peak memory times wall time, in KiB milliseconds.
uint64_t price_memory_kib_ms(const struct run_result *result);
// 0 for a run that failed by our fault, and for one that ended before a worker had it.
uint64_t price_run(const struct plan *plan, const struct run_result *result);
