// SPDX-License-Identifier: Apache-2.0
// The CPU time of one worker, held to its own run's limit from outside: a timer of the kernel's on the
// worker's CPU clock, which it can neither see nor stop. It tells the zygote, who kills. For runs that last;
// shorter ones have no time to use up a limit. In the zygote only.
#pragma once

#include "base/error.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

// What the timers raise. Blocked for good, and taken from the descriptor.
#define CPU_BOUND_SIGNAL SIGRTMIN

struct cpu_bound {
    bool set;
    timer_t timer;
};

// A descriptor that is readable when a worker has passed its bound; -1 on failure.
int cpu_bound_open(struct error *err);
// From when `worker`, which is not reaped yet, has used `cpu_ms` of CPU time, some milliseconds exact, its id
// comes from cpu_bound_passed. Where the host gives no more timers the kernel ends it by itself instead, in
// whole seconds (RLIMIT_CPU). False if it would have neither.
bool cpu_bound_set(struct cpu_bound *bound, pid_t worker, uint64_t worker_id, uint32_t cpu_ms);
// Once the worker is reaped. One that was never set is left alone.
void cpu_bound_clear(struct cpu_bound *bound);
// The next worker that has passed its bound; false if there is none. It may be gone by now.
bool cpu_bound_passed(int fd, uint64_t *ret_worker_id);
