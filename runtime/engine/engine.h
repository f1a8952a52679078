// SPDX-License-Identifier: Apache-2.0
// The trusted side of the sandbox: starts one zygote per policy version, keeps idle workers forked ahead,
// admits runs (fair queue per tenant, caps on running workers, queue and promised memory), hands each to a
// fresh worker, holds its deadline, and joins what the worker said with its exit report into one result.
//
// The same engine serves sandboxd (a thread of its own, engine_serve) and sandboxctl (the main thread).
// engine_submit, engine_cancel and the engine_* queries may be called from any thread; callbacks come from
// whichever thread saw the end of the run, without any lock of the engine held.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "policies/policy.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/profile.h"

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct run;

// Things an administrator wants in the log.
enum engine_event {
    EVENT_ZYGOTE_STARTED,
    EVENT_ZYGOTE_RETIRED,                // replaced: age, run count, or a newer policy version
    EVENT_ZYGOTE_DIED,                   // its runs were failed; it is restarted after a back-off
    EVENT_ZYGOTE_REFUSED,                // could not start: `text` says why
    EVENT_WORKER_LOST,                   // idle workers died, or could not be forked
    EVENT_CORES_SHARED,                  // runs that last cannot be kept off any core
    EVENT_NOTES_LOST,                    // more than could be told at once
    EVENT_DETAILS,                       // what follows is only told to who wants it
    EVENT_WORKERS_ASKED = EVENT_DETAILS, // of a zygote, to be forked ahead
    EVENT_WORKER_KILLED,                 // of a run
    EVENT_WORKER_ENDED,                  // likewise
    EVENT_RUN_WAITS,                     // for an idle worker, or for a cap
    EVENT_RUN_STARTED,                   // it was handed to a worker
    ENGINE_EVENT_COUNT,
};

struct engine_note {
    enum engine_event event;
    char policy[POLICY_NAME_MAX + 1]; // "": of none
    char run_id[RUN_ID_SIZE + 1];     // likewise
    char text[ERROR_TEXT_SIZE];
};

struct engine_options {
    const char *zygote_path;      // the sandbox-zygote executable
    uint32_t max_running;         // workers running at once, all policies together
    uint32_t queue_capacity;      // runs waiting
    uint64_t memory_budget_bytes; // what running runs may take together (runtime/protocol/worker_memory.h)
    uint32_t zygote_runs_max;     // replace a zygote after so many runs; 0: never
    uint64_t zygote_age_ms_max;   // or after so long; 0: never
    bool try_interpreter;         // the first zygote runs the known crashers of Lua before it is ready
    bool one_run;                 // for one run, then engine_free: see engine_new
    uint32_t grace_ms;            // how long past a limit a worker may tell its story before it is killed
    uint32_t tenant_running_max;  // workers running at once for one tenant; 0: as many as there are
    bool lasting_give_way;        // workers whose run lasts get less of the cores than those that begin
    uint32_t kept_cores;          // from runs that last, while other tenants ask for short ones; 0: none
    uint32_t asks_for_ms;         // so long after its last short run a tenant counts as asking; 0: 2 s
    uint32_t zygote_patience_ms; // a zygote that takes no order, or reports no end of a killed worker, for so
                                 // long is stuck; 0: 5 s
    uint32_t start_patience_ms;  // for a zygote that is started again to be ready; 0: 10 s
    // From the serving thread; must not call the engine. May be NULL.
    void (*event)(void *context, const struct engine_note *note);
    // Whether one of EVENT_DETAILS is to be told now. From any thread, with the engine's lock held: quick,
    // and must not call the engine. NULL: none is.
    bool (*wants)(void *context, enum engine_event event);
    void *event_context;
};

// What a run may not exceed, and who said so.
struct effective_limits {
    struct run_limits limits;
    enum limit_origin set_by[RUN_LIMIT_COUNT];
};

struct run_figures {
    uint64_t queue_us;     // from submit to dispatch
    uint64_t wall_us;      // from dispatch to the worker's end, by the engine's clock
    uint64_t cpu_us;       // of the worker during the run, by the exit report
    uint64_t rss_bytes;    // peak, by the exit report
    uint64_t memory_bytes; // peak of the Lua heap, as the worker says
    bool instructions_counted;
    uint64_t instructions;
    uint64_t output_bytes;
    uint64_t log_bytes;
    uint64_t dispatch_us;  // of queue and wall: taking a worker and writing the job
    uint64_t exit_us;      // from the result frame to the exit report
    uint64_t overshoot_us; // past the limit that ended it, 0 otherwise
    bool cold_start;       // no worker was idle: one had to be forked for it
};

struct run_log_line {
    enum log_level level;
    uint64_t at_us;
    struct bytes message;
};

struct audited_syscall {
    uint32_t number;
    uint64_t count;
};

// How a run ended. Borrowed: valid during the done callback only.
struct run_result {
    const char *run_id;
    enum outcome outcome;
    struct bytes output; // strict JSON text for OUTCOME_OK
    const char *message; // "" for OUTCOME_OK
    uint32_t traceback_count;
    const struct stack_frame *traceback; // [0] is where it was
    bool limit_hit;
    enum run_limit limit;                // when limit_hit
    uint64_t limit_observed_us_or_bytes; // in µs for times, else in the limit's unit
    bool syscall_known;
    uint32_t syscall_number; // for OUTCOME_SYSCALL_DENIED
    struct bytes value;      // JSON text of a raised table, or empty
    const struct run_log_line *logs;
    uint32_t log_count;
    bool logs_truncated;
    const struct audited_syscall *audit; // audit mode
    uint32_t audit_count;
    const struct profile *profile; // where CPU time and memory went, as the worker says; NULL if unknown
    struct bytes coverage; // likewise how often lines ran (coverage_count, _line_at); empty if unknown
    struct run_figures figures;
    struct effective_limits limits;
    const char *policy_name;
    const char *policy_version;
};

struct run_request {
    char run_id[RUN_ID_SIZE + 1]; // made by the caller (uuid_v7)
    const char *tenant;           // fairness key; "" for none
    uint32_t weight;              // runs of this tenant that start in one turn of all; 0: 1
    // What `limits` were resolved from. A JOB_VALIDATE (validation/validation.h makes them) is about it, but
    // runs in engine_validation_pool, with limits of its own.
    const struct policy *policy;
    enum job_kind kind;
    struct effective_limits limits;
    uint64_t seed;
    bool count_instructions;
    bool profile;
    bool coverage;
    uint32_t module_count; // [0] is the entry
    struct job_module modules[MODULES_MAX];
    struct bytes context;                                      // strict JSON text, already checked
    void (*done)(void *user, const struct run_result *result); // exactly once for an admitted run
    void (*log)(void *user, const struct run_log_line *line);  // as it is written; may be NULL
    void *user;
};

// What the pool that serves all validations is called where policies are named. No document has such a name.
extern const char engine_validation_pool[];

enum admission {
    ADMITTED,
    REFUSED_QUEUE_FULL,
    REFUSED_STOPPING,
    REFUSED_NO_POLICY,     // no such policy
    REFUSED_OTHER_VERSION, // another version of the policy is live by now: limits are to be resolved anew
    REFUSED_POLICY_DOWN,   // its zygote cannot start on this host; engine_policy_problem tells why
    REFUSED_MEMORY,        // its memory limit alone is above the budget
    REFUSED_OUT_OF_MEMORY,
};

// With `one_run`, the first zygote's process is started at once and waits for its policy, which the caller
// finds out meanwhile; no worker is forked before there is a run for it, and the zygote is not made ready for
// thousands of forks.
struct engine *engine_new(const struct engine_options *options, struct error *err);
// Ends every zygote and worker, fails what still runs as cancelled, and frees all. Not from a callback.
void engine_free(struct engine *engine);

// Adds or replaces a policy: starts its zygote and waits until it is ready (`timeout_ms`). On failure a
// version that was there before goes on. Runs in flight end on their old zygote, which then retires.
bool engine_set_policy(struct engine *engine, struct policy *policy, uint32_t timeout_ms, struct error *err);
// Sets all policies at once: either all zygotes get ready and everything is swapped, or nothing changes.
// Policies not in the list are dropped.
bool engine_set_policies(struct engine *engine, struct policy *const *policies, size_t count,
                         uint32_t timeout_ms, struct error *err);
// Removes a policy by name; runs in flight end first. False if there is none.
bool engine_drop_policy(struct engine *engine, const char *name);

// Serves events (zygotes, workers, deadlines) until engine_stop. One thread at a time.
void engine_serve(struct engine *engine);
// One turn of the loop: waits at most `timeout_ms` (-1: no bound) and handles what came. For a CLI.
void engine_step(struct engine *engine, int timeout_ms);
// Makes engine_serve return. Async-signal-safe.
void engine_stop(struct engine *engine);

// Copies what it needs of `request`: nothing has to outlive the call but `user`. The callback may come
// before this returns.
enum admission engine_submit(struct engine *engine, const struct run_request *request);

enum { ENGINE_OTHERS_MAX = 16 };

// For the thread that has just submitted this run, if it has nothing else to do: waits for the end of the
// run, a millisecond at most, and no longer than until one of `others` (descriptors, ENGINE_OTHERS_MAX at
// most) is readable. True: the run has ended, and its callback came from this thread, without a wake-up of
// the serving one. False: it comes from another thread, or came already. Returns at once if there are other
// runs.
bool engine_attend(struct engine *engine, const char *run_id, const int *others, unsigned count);
// Asks for the end of a run by its id: false if it is not queued or running. `done` follows with
// OUTCOME_CANCELLED, or with its real outcome if it ended first.
bool engine_cancel(struct engine *engine, const char *run_id);
// Cancels everything that is queued or running.
void engine_cancel_all(struct engine *engine);
// From now on engine_submit gives REFUSED_STOPPING.
void engine_refuse_new(struct engine *engine);

struct engine_figures {
    uint32_t running;
    uint32_t queued;
    uint32_t idle_workers;
    uint64_t promised_memory_bytes;
    uint64_t forks;
    uint64_t zygote_restarts; // after a death
    uint64_t workers_lost;    // died idle, or could not be forked
};
// Takes no lock: a reader never waits for a run, nor a run for a reader.
void engine_read_figures(const struct engine *engine, struct engine_figures *ret_figures);
// Takes the engine's lock for a moment, and so hangs where the engine does: for a watchdog.
void engine_touch(struct engine *engine);

// The isolation layers as the policy's live zygote found them. False if the policy has no live zygote.
bool engine_isolation(struct engine *engine, const char *policy, struct isolation_report *ret_report);
// Why a policy cannot run, for an administrator. False if it can, or there is no such policy.
bool engine_policy_problem(struct engine *engine, const char *policy, char *text, size_t size);
// Takes a reference of the live version; NULL if there is none. The caller unrefs it.
struct policy *engine_policy(struct engine *engine, const char *name);
