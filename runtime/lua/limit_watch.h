// SPDX-License-Identifier: Apache-2.0
// CPU, wall and instruction limits. One ITIMER_REAL serves CPU and wall: CPU time cannot run faster than wall
// time, so the earlier of the two deadlines is a safe time for the next look. The first signal past a limit
// sets a hook on the running coroutine, which ends the run at the next instruction; if a later signal finds
// it still going (inside a C function, or where hooks are off), the handler itself reads the stack and ends
// it. Worker only, but for the handler's installation, which may happen before.
#pragma once

#include "base/error.h"
#include "runtime/protocol/outcome.h"

#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct lua_image;

struct limit_watch {
    uint64_t wall_start_ns; // CLOCK_MONOTONIC
    uint64_t wall_limit_ns;
    uint64_t cpu_limit_ns;      // of clock_thread_cpu_ns, the worker's start included, as rusage has it
    bool counting;              // instructions
    int mask_at_rest;           // events that the run's hook is always set for
    uint64_t instruction_limit; // 0: none
    uint64_t instructions;
    volatile sig_atomic_t expired; // enum outcome of the time limit that was reached, or OUTCOME_OK
    volatile sig_atomic_t alarms;  // that followed the running coroutine
    uint64_t hooked_cpu_ns;        // CPU time when the hook was last set
    lua_State *volatile hooked;    // the coroutine that the last of them set the hook on
};

// Makes `image` the one that SIGALRM is about, and installs the handler.
bool limit_watch_arm(struct lua_image *image, struct error *err);
// Starts timer and counting, from the job's limits.
void limit_watch_begin_run(struct lua_image *image);
// Lets the hook run at the next instruction of the running coroutine.
void limit_watch_hook_soon(struct lua_image *image);
// Charges for a coroutine that L is about to create: it starts with a fresh count, which would be free.
void limit_watch_charge_coroutine(struct lua_image *image, lua_State *L);
