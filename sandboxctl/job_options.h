// SPDX-License-Identifier: Apache-2.0
// What `run` and `bench` are told on the command line about the job: context, limits, seed. Main thread only.
#pragma once

#include "sandboxctl/command.h"
#include "sandboxctl/local_run.h"

// Rows of an option table, for every command that calls job_options_read.
#define JOB_OPTIONS \
    {"context", 'c', "JSON|@FILE|-", "the plugin's context (default: null)", "file"}, \
        {"policy", 'p', "NAME|FILE", "a stock policy or a policy document (default: default)", "policy"}, \
        {"limit", 'l', "NAME=VALUE", "change a limit, e.g. cpu_ms=200 or memory_bytes=32MiB; repeatable", \
         NULL}, \
    { \
        "seed", 0, "N", \
            "seed of math.random (default: random; 0 if the policy is deterministic); the order of pairs() " \
            "is " \
            "the same every time only if the policy is deterministic", \
            NULL \
    }

// The engine for --policy, and for one run only if so; NULL with `err` set if it cannot be started.
struct local_engine *job_options_engine(const struct invocation *invocation, bool one_run, struct error *err);
// Fills in context, limits and seed of `job`. The context's text is `ret_context`, the caller's to free after
// the job.
bool job_options_read(const struct invocation *invocation, const struct local_engine *local,
                      struct local_job *job, char **ret_context, struct error *err);
