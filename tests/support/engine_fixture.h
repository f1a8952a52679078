// SPDX-License-Identifier: Apache-2.0
// An engine over the hostile zygote double (or a real zygote), served by a thread of its own, and answers
// that outlive their callbacks. For tests.
#pragma once

#include "runtime/engine/engine.h"

#include <pthread.h>
#include <stdatomic.h>

struct fixture {
    struct engine *engine;
    pthread_t thread;
    _Atomic unsigned events[ENGINE_EVENT_COUNT];
    char last_event[ERROR_TEXT_SIZE + POLICY_NAME_MAX +
                    3]; // written by the engine's threads; read after an event was seen
    unsigned fds_before;
};

struct fixture_options {
    const char *zygote_path;
    uint32_t max_running;
    uint32_t queue_capacity;
    uint32_t zygote_runs_max;
    uint64_t zygote_age_ms_max;
    uint32_t grace_ms;
    uint32_t zygote_patience_ms;
    uint32_t start_patience_ms;
    uint32_t tenant_running_max;
    uint64_t memory_budget_bytes;
    bool one_run;
    bool details; // all events are wanted
    bool lasting_give_way;
    uint32_t kept_cores;
    uint32_t asks_for_ms;
};

// Zeroes in the options become sensible values.
void fixture_start(struct fixture *fixture, const struct fixture_options *options);
// Starts the serving thread again after engine_stop and a join.
void fixture_serve(struct fixture *fixture);
// Also asserts that no descriptor and no child is left.
void fixture_stop(struct fixture *fixture);

// A plain policy: 2 s wall, 1 s CPU, 16 MiB, 64 KiB of output, 4 KiB of log. One reference, the caller's.
struct policy *fixture_policy(const char *name);
// Adds such a policy, asserting that it works.
void fixture_add_policy(struct fixture *fixture, const char *name);

// One run's answer, copied out of the callback.
struct answer {
    pthread_mutex_t lock;
    pthread_cond_t given;
    unsigned calls;
    char run_id[RUN_ID_SIZE + 1];
    enum outcome outcome;
    char *output;
    char message[WORKER_TEXT_MAX + 1];
    uint32_t traceback_count;
    uint32_t line; // the innermost that is known
    bool limit_hit;
    enum run_limit limit;
    bool syscall_known;
    uint32_t syscall_number;
    uint32_t log_count;
    char last_log[128];
    bool logs_truncated;
    uint32_t audit_count;
    struct audited_syscall audit[DENIED_SYSCALLS_MAX];
    struct run_figures figures;
    char policy_version[POLICY_VERSION_SIZE];
    unsigned streamed;     // lines given to the log callback
    struct policy *policy; // what its request names
};

void answer_init(struct answer *answer);
void answer_deinit(struct answer *answer);
// Waits until the callback came. Fails the test after a minute.
void answer_wait(struct answer *answer);

// A request for a run of `code` with `context` (JSON text) under version 1 of a policy, answered into
// `answer`, which keeps the policy.
void fixture_request(struct run_request *ret_request, const char *policy, const char *code,
                     const char *context, struct answer *answer);
// Submits it under the live version, and waits. The caller deinits the answer.
void fixture_run(struct fixture *fixture, const char *policy, const char *code, const char *context,
                 struct answer *answer);

// Waits until `condition(argument)` holds; fails the test after a minute.
void wait_until(bool (*condition)(void *argument), void *argument);
unsigned open_fd_count(void);
