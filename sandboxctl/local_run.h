// SPDX-License-Identifier: Apache-2.0
// Runs on this machine, through the same engine, zygote and policies as the service's. Main thread only.
#pragma once

#include "base/error.h"
#include "runtime/engine/engine.h"
#include "sandboxctl/bundle.h"

#include <stdbool.h>
#include <stdint.h>

struct local_engine;

// Starts an engine with one policy: the name of a stock one, or the path of a document (it has a '/' or
// ends in ".json"), whose parents are looked up beside it and among the stock ones. At most `concurrency`
// runs at once. Faults of the document are printed on standard error.
struct local_engine *local_engine_new(const char *policy, uint32_t concurrency, struct error *err);

struct local_engine_setup {
    const char *policy;
    uint32_t concurrency;
    const char *zygote_path; // another executable in the zygote's place, or NULL
    bool one_run;            // then it is freed: nothing is made ready for more
    bool try_interpreter;    // the known crashers of Lua are tried first; the layers' report tells
};
struct local_engine *local_engine_new_with(const struct local_engine_setup *setup, struct error *err);
void local_engine_free(struct local_engine *local);
struct policy *local_engine_policy(const struct local_engine *local); // borrowed

struct local_job {
    const struct bundle *bundle; // needed until it is submitted; the schemas that it declares, until `done`
    enum job_kind kind;
    struct bytes context;       // JSON text; empty means null
    struct diagnostics *faults; // where the context does not fit the plugin's input schema; may be NULL
    struct effective_limits limits;
    uint64_t seed;
    bool count_instructions;
    bool profile;
    bool coverage;
    void (*done)(void *user, const struct run_result *result);
    void (*log)(void *user, const struct run_log_line *line); // may be NULL
    void *user;
};

// The policy's own limits, nobody having changed one.
struct effective_limits local_engine_limits(const struct local_engine *local);
// Applies one "cpu_ms=200" or "memory_bytes=32MiB" to `limits`, up to the policy's ceiling.
bool local_limit_parse(const struct local_engine *local, const char *text, struct effective_limits *limits,
                       struct error *err);

// Admits a run as the service admits one, by the size of its code and its context, by the context's depth and
// by the plugin's input schema; `done` comes from a later local_engine_step or _finish.
bool local_engine_submit(struct local_engine *local, const struct local_job *job, struct error *err);
// Serves until every admitted run has ended. An interrupt (SIGINT) cancels them; then `interrupted` is true.
void local_engine_finish(struct local_engine *local, bool *ret_interrupted);
// One turn, of some milliseconds if nothing happens. False once it was interrupted.
bool local_engine_step(struct local_engine *local);
// Cancels what goes on; the ends still have to be served.
void local_engine_cancel(struct local_engine *local);
// The layers as the live zygote found them. False if there is none.
bool local_engine_isolation(struct local_engine *local, struct isolation_report *ret_report);
// Serves until fewer than `concurrency` runs are going on. False once it was interrupted.
bool local_engine_wait_for_room(struct local_engine *local);
