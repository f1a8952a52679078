// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/local_run.h"

#include "base/cleanup.h"
#include "base/closest.h"
#include "base/json_cursor.h"
#include "base/uuid.h"
#include "policies/units.h"
#include "runtime/engine/locations.h"
#include "sandboxctl/policy_source.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { READY_TIMEOUT_MS = 10000, GRACE_MS = 100, STEP_MS = 50 };

struct local_engine {
    struct engine *engine;
    struct policy *policy;
    uint32_t concurrency;
    uint32_t going_on;
    int interrupt_fd; // signalfd of SIGINT and SIGTERM
    bool interrupted;
    char problem[ERROR_TEXT_SIZE + POLICY_NAME_MAX +
                 16]; // the last thing that the engine had to say to an administrator
};

// Between the engine's callback and the caller's: counts what goes on.
struct admitted_run {
    struct local_engine *local;
    struct local_job job;
    struct manifest declared; // the bundle's; the bundle itself may be gone when the run ends
};

static void engine_told(void *context, const struct engine_note *note)
{
    struct local_engine *local = context;
    if (note->event != EVENT_ZYGOTE_STARTED && note->event != EVENT_ZYGOTE_RETIRED)
        snprintf(local->problem, sizeof local->problem, "policy %s: %s", note->policy, note->text);
}

static bool watch_interrupts(struct local_engine *local, struct error *err)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        return error_system(err, errno, "sigprocmask");
    local->interrupt_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return local->interrupt_fd >= 0 || error_system(err, errno, "signalfd");
}

static bool start(struct local_engine *local, const struct local_engine_setup *setup, struct error *err)
{
    char zygote[PATH_MAX];
    if ((setup->zygote_path == NULL && !location_of_zygote(zygote, err)) || !watch_interrupts(local, err))
        return false;
    const struct engine_options options = {
        .zygote_path = setup->zygote_path != NULL ? setup->zygote_path : zygote,
        .max_running = local->concurrency,
        .queue_capacity = local->concurrency,
        .memory_budget_bytes = UINT64_MAX,
        .try_interpreter = setup->try_interpreter,
        .one_run = setup->one_run,
        .grace_ms = GRACE_MS,
        .event = engine_told,
        .event_context = local,
    };
    local->engine = engine_new(&options, err);
    if (local->engine == NULL)
        return false;
    local->policy = policy_source_load(setup->policy, err);
    return local->policy != NULL && engine_set_policy(local->engine, local->policy, READY_TIMEOUT_MS, err);
}

struct local_engine *local_engine_new_with(const struct local_engine_setup *setup, struct error *err)
{
    struct local_engine *local = calloc(1, sizeof *local);
    if (local == NULL) {
        error_set(err, ERROR_MEMORY, "out of memory");
        return NULL;
    }
    local->concurrency = setup->concurrency;
    local->interrupt_fd = -1;
    if (!start(local, setup, err)) {
        local_engine_free(local);
        return NULL;
    }
    return local;
}

struct local_engine *local_engine_new(const char *policy, uint32_t concurrency, struct error *err)
{
    return local_engine_new_with(&(struct local_engine_setup){.policy = policy, .concurrency = concurrency},
                                 err);
}

void local_engine_free(struct local_engine *local)
{
    if (local == NULL)
        return;
    if (local->engine != NULL)
        engine_free(local->engine);
    policy_unref(local->policy);
    if (local->interrupt_fd >= 0)
        close(local->interrupt_fd);
    free(local);
}

struct policy *local_engine_policy(const struct local_engine *local)
{
    return local->policy;
}

struct effective_limits local_engine_limits(const struct local_engine *local)
{
    return (struct effective_limits){.limits = local->policy->limits};
}

static bool parse_value(const struct run_limit_info *info, const char *text, uint64_t *ret_value,
                        struct error *err)
{
    if (text[strspn(text, "0123456789")] != '\0' || *text == '\0') {
        if (!units_parse(bytes_of_text(text), info->unit, ret_value, err))
            return false;
    } else {
        errno = 0;
        *ret_value = strtoull(text, NULL, 10);
        if (errno != 0)
            return error_set(err, ERROR_INVALID, "the number is too large");
    }
    bool unlimited = *ret_value == 0 && info->zero_is_unlimited;
    if (!unlimited && (*ret_value < info->minimum || *ret_value > info->maximum))
        return error_set(err, ERROR_INVALID, "expected %" PRIu64 " to %" PRIu64, info->minimum,
                         info->maximum);
    return true;
}

static bool no_such_limit(const char *text, size_t length, struct error *err)
{
    struct closest best = closest_make(text, length);
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        closest_offer(&best, run_limit_table[i].name);
    const char *meant = closest_text(&best);
    return error_set(err, ERROR_INVALID, "--limit %s: there is no such limit%s%s%s", text,
                     meant != NULL ? "; did you mean '" : "", meant != NULL ? meant : "",
                     meant != NULL ? "'?" : "");
}

bool local_limit_parse(const struct local_engine *local, const char *text, struct effective_limits *limits,
                       struct error *err)
{
    const char *equals = strchr(text, '=');
    enum run_limit limit;
    uint64_t value;
    if (equals == NULL)
        return error_set(err, ERROR_INVALID, "--limit %s: expected NAME=VALUE, e.g. cpu_ms=200", text);
    if (!run_limit_by_name(text, (size_t)(equals - text), &limit))
        return no_such_limit(text, (size_t)(equals - text), err);
    const struct run_limit_info *info = &run_limit_table[limit];
    if (!parse_value(info, equals + 1, &value, err))
        return error_prefix(err, "--limit %s", text);
    uint64_t ceiling = local->policy->ceilings.value[limit];
    bool unlimited = value == 0 && info->zero_is_unlimited;
    bool ceiling_unlimited = ceiling == 0 && info->zero_is_unlimited;
    if (!ceiling_unlimited && (unlimited || value > ceiling))
        return error_set(err, ERROR_LIMIT, "--limit %s: above the ceiling of policy %s, %" PRIu64, text,
                         local->policy->name, ceiling);
    limits->limits.value[limit] = value;
    limits->set_by[limit] = ORIGIN_REQUEST;
    return true;
}

static void run_done(void *user, const struct run_result *result)
{
    struct admitted_run *run = user;
    struct run_result held = *result;
    char message[SCHEMA_MESSAGE_SIZE];
    run->local->going_on--;
    // As the service does with a published plugin.
    if (result->outcome == OUTCOME_OK && !manifest_output_fits(&run->declared, result->output, message)) {
        held.outcome = OUTCOME_INVALID_RESULT;
        held.output = bytes_of("", 0);
        held.message = message;
    }
    run->job.done(run->job.user, &held);
    free(run);
}

static void run_logged(void *user, const struct run_log_line *line)
{
    const struct admitted_run *run = user;
    if (run->job.log != NULL)
        run->job.log(run->job.user, line);
}

static bool refused(const struct local_engine *local, enum admission admission, struct error *err)
{
    char problem[512];
    switch (admission) {
    case REFUSED_POLICY_DOWN:
        if (engine_policy_problem(local->engine, local->policy->name, problem, sizeof problem))
            return error_set(err, ERROR_UNSUPPORTED, "this host cannot run policy %s: %s",
                             local->policy->name, problem);
        return error_set(err, ERROR_UNSUPPORTED, "%s", local->problem);
    case REFUSED_OUT_OF_MEMORY:
        return error_set(err, ERROR_MEMORY, "out of memory");
    default:
        return error_set(err, ERROR_LIMIT, "the run was refused");
    }
}

static bool check_code_size(const struct local_job *job, struct error *err)
{
    uint64_t total = 0;
    for (size_t i = 0; i < job->bundle->module_count; i++)
        total += job->bundle->modules[i].length;
    uint64_t allowed = job->limits.limits.value[LIMIT_CODE_BYTES];
    if (total > allowed)
        return error_set(err, ERROR_LIMIT, "the plugin has %llu bytes of code; code_bytes is %llu",
                         (unsigned long long)total, (unsigned long long)allowed);
    return true;
}

static bool check_schema(const struct local_job *job, struct bytes context, struct error *err)
{
    struct diagnostics unasked;
    if (job->bundle->declared.input == NULL)
        return true;
    diagnostics_init(&unasked);
    bool fits = json_schema_check(job->bundle->declared.input, context, "/context",
                                  job->faults != NULL ? job->faults : &unasked);
    diagnostics_free(&unasked);
    return fits || error_set(err, ERROR_INVALID,
                             "the context does not fit the plugin's input schema; nothing was run");
}

static bool check_context(const struct local_job *job, struct bytes context, struct error *err)
{
    struct json_fault fault;
    const uint64_t *limits = job->limits.limits.value;
    if (context.length > limits[LIMIT_CONTEXT_BYTES])
        return error_set(err, ERROR_LIMIT, "the context has %zu bytes; context_bytes is %" PRIu64,
                         context.length, limits[LIMIT_CONTEXT_BYTES]);
    if (!json_check(context, (unsigned)limits[LIMIT_JSON_DEPTH], &fault))
        return error_set(err, ERROR_INVALID, "the context, %u:%u: %s", fault.line, fault.column, fault.what);
    return check_schema(job, context, err);
}

bool local_engine_submit(struct local_engine *local, const struct local_job *job, struct error *err)
{
    struct bytes context = job->context.length > 0 ? job->context : bytes_of_text("null");
    if (!check_code_size(job, err) || !check_context(job, context, err))
        return false;
    struct admitted_run *run = malloc(sizeof *run);
    struct run_request *request = calloc(1, sizeof *request);
    autofree void *request_owner = request;
    if (run == NULL || request == NULL) {
        free(run);
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    *run = (struct admitted_run){.local = local, .job = *job, .declared = job->bundle->declared};
    run->job.bundle = NULL;
    uuid_v7(request->run_id);
    request->tenant = "";
    request->policy = local->policy;
    request->kind = job->kind;
    request->limits = job->limits;
    request->seed = job->seed;
    request->count_instructions = job->count_instructions;
    request->profile = job->profile;
    request->coverage = job->coverage;
    request->module_count = (uint32_t)job->bundle->module_count;
    for (size_t i = 0; i < job->bundle->module_count; i++) {
        const struct bundle_module *module = &job->bundle->modules[i];
        request->modules[i] = (struct job_module){.name = bytes_of_text(module->name),
                                                  .code = bytes_of(module->code, module->length)};
    }
    request->context = context;
    request->done = run_done;
    request->log = run_logged;
    request->user = run;
    local->going_on++;
    enum admission admission = engine_submit(local->engine, request);
    if (admission == ADMITTED)
        return true;
    local->going_on--;
    free(run);
    return refused(local, admission, err);
}

bool local_engine_isolation(struct local_engine *local, struct isolation_report *ret_report)
{
    return engine_isolation(local->engine, local->policy->name, ret_report);
}

bool local_engine_step(struct local_engine *local)
{
    engine_step(local->engine, STEP_MS);
    struct signalfd_siginfo info;
    if (!local->interrupted && read(local->interrupt_fd, &info, sizeof info) > 0) {
        local->interrupted = true;
        engine_cancel_all(local->engine);
    }
    return !local->interrupted;
}

void local_engine_cancel(struct local_engine *local)
{
    engine_cancel_all(local->engine);
}

void local_engine_finish(struct local_engine *local, bool *ret_interrupted)
{
    while (local->going_on > 0)
        local_engine_step(local);
    *ret_interrupted = local->interrupted;
}

bool local_engine_wait_for_room(struct local_engine *local)
{
    while (local->going_on >= local->concurrency)
        local_engine_step(local);
    return !local->interrupted;
}
