// SPDX-License-Identifier: Apache-2.0
// An engine with real zygotes and confined workers under the stock policies, and how runs ended, copied out.
#pragma once

#include "policies/policy_set.h"
#include "runtime/engine/engine.h"
#include "tests/fuzz/lua/program.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct live {
    struct engine *engine;
    struct policy_set *set;
    struct policy *policies[PROGRAM_POLICIES]; // borrowed from the set
    pthread_t thread;
    _Atomic unsigned deaths;                           // of zygotes and idle workers
    char death[POLICY_NAME_MAX + ERROR_TEXT_SIZE + 4]; // the last of them
    unsigned fds_before;
};

// How one run ended. The texts are owned.
struct ending {
    _Atomic unsigned calls; // of the callback: exactly one is right
    enum admission admission;
    enum outcome outcome;
    struct buffer output, message, value, traceback, logs, coverage;
    uint32_t log_count, audit_count, traceback_count;
    uint64_t logged_bytes; // of the lines' texts
    bool logs_truncated;
    bool limit_hit;
    enum run_limit limit;
    uint64_t limit_observed;
    struct run_figures figures;
};

// `zygote` is the executable, `policies` the folder of stock policies. Exits with a message if it cannot.
void live_start(struct live *live, const char *zygote, const char *policies);
// False, with a message on standard error, if a descriptor or a process is left.
bool live_stop(struct live *live);

// One run of a program: what was asked for, and how it ended.
struct trial {
    struct live *live;
    struct program_settings settings;
    struct job_module modules[PROGRAM_MODULES_MAX]; // borrow from the program
    unsigned module_count;
    uint64_t job_bytes;
    const struct policy *policy;
    struct ending ending;
};

// Reads the program and submits it; its text has to stay until live_wait.
void trial_begin(struct trial *trial, struct live *live, struct bytes program);
void trial_wait(struct trial *trial);
void trial_end(struct trial *trial);
