// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/submission.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "policies/units.h"
#include "sandboxd/api/policy_answer.h"
#include "sandboxd/observe/contexts.h"
#include "sandboxd/observe/plugin_log.h"
#include "sandboxd/observe/run_observation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct submission *submission_new(struct service *service, struct http_request *request, const char *policy,
                                  submission_answer *answer)
{
    struct submission *submission = calloc(1, sizeof(*submission));
    if (submission == NULL) {
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for another run");
        return NULL;
    }
    submission->service = service;
    submission->request = request;
    submission->answer = answer;
    struct registered_run *run = &submission->registered;
    uuid_v7(run->id);
    run->start_ns = clock_monotonic_ns();
    snprintf(run->policy, sizeof(run->policy), "%s", policy);
    memcpy(run->tenant, request->identity.tenant, sizeof(run->tenant));
    snprintf(run->request_id, sizeof(run->request_id), "%s", request->request_id);
    return submission;
}

struct policy *submission_policy(struct service *service, struct http_request *request, const char *name)
{
    struct policy *policy = engine_policy(service->engine, name);
    if (policy != NULL)
        return policy;
    char problem[ERROR_TEXT_SIZE];
    if (live_problem(service, name, problem, sizeof(problem))) {
        policy_refuse_down(request, name, problem);
        return NULL;
    }
    struct diagnostics faults;
    diagnostics_init(&faults);
    diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, "/policy", "there is no policy \"%s\"", name);
    http_refuse_faults(request, PROBLEM_UNKNOWN_POLICY, &faults,
                       "there is no policy \"%s\"; GET /v1/policies lists them", name);
    diagnostics_free(&faults);
    return NULL;
}

static void refuse_memory(struct submission *submission, const struct run_request *run)
{
    char limit[UNITS_TEXT_SIZE], budget[UNITS_TEXT_SIZE];
    units_format_rounded(run->limits.limits.value[LIMIT_MEMORY_BYTES], UNIT_BYTES, limit);
    units_format_rounded(submission->service->config.memory_budget_bytes, UNIT_BYTES, budget);
    struct diagnostics faults;
    diagnostics_init(&faults);
    diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, "/limits/memory_bytes",
                    "%s is above what this server gives all runs together, %s", limit, budget);
    http_refuse_faults(submission->request, PROBLEM_LIMIT_OUT_OF_RANGE, &faults,
                       "a memory limit of %s does not fit in workers.memory_budget, %s; ask for less", limit,
                       budget);
    diagnostics_free(&faults);
}

static void refuse(struct submission *submission, const struct run_request *run, enum admission admission)
{
    struct http_request *request = submission->request;
    const struct config *config = &submission->service->config;
    const char *pool = run->kind == JOB_VALIDATE ? engine_validation_pool : run->policy->name;
    char problem[ERROR_TEXT_SIZE] = "";
    switch (admission) {
    case REFUSED_QUEUE_FULL:
        if (run->kind == JOB_VALIDATE)
            http_refuse(request, PROBLEM_QUEUE_FULL, "too many validations are waiting already; try again");
        else
            http_refuse(request, PROBLEM_QUEUE_FULL,
                        "%llu runs are waiting already (workers.queue); try again",
                        (unsigned long long)config->queue);
        return;
    case REFUSED_STOPPING:
        http_refuse(request, PROBLEM_STOPPING, "the server is stopping and takes no new runs; try again");
        return;
    case REFUSED_NO_POLICY:
        http_refuse(request, PROBLEM_UNKNOWN_POLICY, "the policy \"%s\" was removed just now",
                    run->policy->name);
        return;
    case REFUSED_POLICY_DOWN:
        engine_policy_problem(submission->service->engine, pool, problem, sizeof(problem));
        policy_refuse_down(request, pool, problem);
        return;
    case REFUSED_MEMORY:
        refuse_memory(submission, run);
        return;
    case ADMITTED:
    case REFUSED_OTHER_VERSION: // neither comes here
    case REFUSED_OUT_OF_MEMORY:
        break;
    }
    http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for another run");
}

void submission_free(struct submission *submission)
{
    package_unref(submission->plugin.package);
    validation_free(submission->validation);
    free(submission);
}

static void submission_done(void *user, const struct run_result *result)
{
    struct submission *submission = user;
    struct http_request *request = submission->request;
    struct run_result held;
    char message[SCHEMA_MESSAGE_SIZE];
    submission->end_ns = clock_monotonic_ns();
    result = run_plugin_hold_output(submission->plugin.package, result, &held, message);
    package_unref(take_ptr(submission->plugin.package));
    submission->answer(submission, result);
    plan_unref(submission->plan);
    submission->plan = NULL;
    run_registry_end(submission->service->runs, &submission->registered);
    if (submission->is_run) {
        run_count(submission->service->metrics, result, request_exemplar(submission->service, request));
        const struct log_context in_request = request_log_context(request);
        const struct log_context in_run = run_log_context(&submission->record, &in_request);
        run_tell_attempts(&submission->service->logger, result, &in_run, submission->code_sha256);
        plugin_log_gather(submission->service, &in_run, result, &submission->plugin_records);
    }
    submission->recorded_ns = clock_monotonic_ns();
    // Log line and spans are the HTTP thread's, after the answer: this may be the engine's thread, and its
    // time is every run's.
    if (submission->is_run)
        request->note = submission;
    else
        submission_free(submission);
    http_resume(request);
}

// What a run costs beyond its worker is wake-ups, mostly. An HTTP thread that has nothing else to do waits
// for it itself.
struct own_wait {
    bool possible;
    int others[HTTP_OTHERS_MAX];
    unsigned other_count;
};

_Static_assert((int)HTTP_OTHERS_MAX <= (int)ENGINE_OTHERS_MAX,
               "an HTTP thread may wait for more than the engine does");

static void plan_own_wait(const struct http_request *request, const struct run_request *run,
                          struct own_wait *ret_wait)
{
    // A request that is suspended already was handed to a thread that is not its own.
    ret_wait->possible = run->kind == JOB_RUN && !request->suspended &&
                         http_others(request, ret_wait->others, &ret_wait->other_count);
}

void submission_start(struct submission *submission, struct run_request *run)
{
    struct service *service = submission->service;
    struct http_request *request = submission->request;
    memcpy(run->run_id, submission->registered.id, UUID_TEXT_SIZE);
    run->tenant = submission->registered.tenant;
    run->weight = submission->plan != NULL ? (uint32_t)submission->plan->figure[PLAN_PRIORITY] : 1;
    run->done = submission_done;
    run->user = submission;
    submission->registered.plugin = submission->plugin.pick.plugin;
    submission->registered.is_validation = run->kind == JOB_VALIDATE;
    if (!run_registry_add(service->runs, &submission->registered)) {
        http_refuse(request, PROBLEM_BUSY, "%d validations of this tenant go on or wait already; try again",
                    TENANT_VALIDATIONS_MAX);
        submission_free(submission); // a validation holds nothing else
        return;
    }
    // Suspended first: the end of the run may come before engine_submit returns.
    // A run whose answer is kept goes on when its client hangs up: that is who asks again.
    struct own_wait wait;
    plan_own_wait(request, run, &wait);
    http_suspend(request, request->reply_key == NULL ? run->run_id : "");
    enum admission admission = engine_submit(service->engine, run);
    if (admission == ADMITTED) {
        if (wait.possible)
            engine_attend(service->engine, run->run_id, wait.others, wait.other_count);
        return;
    }
    if (submission->plan != NULL)
        limits_settle(service->limits, &submission->hold, 0);
    plan_unref(submission->plan);
    run_registry_forget(service->runs, &submission->registered);
    bool again = admission == REFUSED_OTHER_VERSION;
    if (!again)
        refuse(submission, run, admission);
    submission_free(submission);
    // The policy was replaced since its limits were looked up.
    if (again)
        http_handle_again(request);
    else
        http_resume(request);
}
