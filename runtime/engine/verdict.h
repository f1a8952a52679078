// SPDX-License-Identifier: Apache-2.0
// How a run ended, decided from facts alone: what the worker said, its exit report, the engine's clock. Where
// they disagree the exit report and the clock win: a worker can say anything, but it cannot choose how the
// kernel saw it end. Pure; any thread.
#pragma once

#include "runtime/engine/engine.h"

struct run_facts {
    const struct run_limits *limits;
    uint32_t grace_ms;
    bool cancelled;                     // somebody asked for its end
    bool deadline_passed;               // the engine had it killed for that
    bool hung_up;                       // or because it went on without its socket
    const char *host_failure;           // static text: our fault, whatever the rest says; NULL if not
    const char *broken;                 // static text: what it said against the protocol; NULL if nothing
    bool job_unread;                    // by the kernel's word: the worker ended before it had taken its job
    bool oversize;                      // it announced a result above its output limit
    const struct worker_result *result; // NULL if none came
    const struct denied_syscall *denied;
    int wait_status;
    uint64_t cpu_us;
    uint64_t rss_bytes;
    uint64_t rss_bytes_max; // what a worker can have resident that is held to this run's limits
    uint64_t wall_us;
};

struct verdict {
    enum outcome outcome;
    char message[WORKER_TEXT_MAX + 1];
    bool limit_hit;
    enum run_limit limit;
    uint64_t observed; // in µs for times, else in the limit's unit
    uint64_t overshoot_us;
    bool syscall_known;
    bool trust_result; // the result frame's traceback and value belong to this outcome
};

void verdict_decide(const struct run_facts *facts, struct verdict *ret_verdict);
