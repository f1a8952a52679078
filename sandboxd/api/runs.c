// SPDX-License-Identifier: Apache-2.0
// POST /v1/runs.
#include "base/cleanup.h"
#include "base/uuid.h"
#include "policies/units.h"
#include "runtime/engine/result_json.h"
#include "sandboxd/accounts/price.h"
#include "sandboxd/api/answers.h"
#include "sandboxd/api/envelope.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/limit_answer.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/api/run_request.h"
#include "sandboxd/api/submission.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    RESULT_SIZE_MAX = 1 << 30, // far above any output limit with its logs
};

void runs_early(void *app, struct http_request *request)
{
    struct service *service = app;
    const char *length = http_header_value(request, "Content-Length");
    if (length != NULL && strlen(length) < 6)
        return; // small: here already, and the engine is asked once
    struct engine_figures figures;
    engine_read_figures(service->engine, &figures);
    if (figures.queued >= service->config.queue && figures.running >= service->config.max_running)
        http_refuse(request, PROBLEM_QUEUE_FULL, "%llu runs are waiting already (workers.queue); try again",
                    (unsigned long long)service->config.queue);
}

static void record_run(struct submission *submission, const struct run_result *result)
{
    struct run_record *record = &submission->record;
    run_record_take(record, result, submission->context);
    memcpy(record->tenant, submission->registered.tenant, sizeof(submission->registered.tenant));
    memcpy(record->code_sha256, submission->code_sha256, sizeof(record->code_sha256));
    snprintf(record->plugin, sizeof(record->plugin), "%s", submission->plugin.pick.plugin);
    snprintf(record->plugin_version, sizeof(record->plugin_version), "%s", submission->plugin.pick.version);
    snprintf(record->trace_id, sizeof(record->trace_id), "%s", submission->request->trace.trace_id);
    if (submission->plan != NULL) {
        snprintf(record->plan, sizeof(record->plan), "%s", submission->plan->name);
        record->cost_micros = price_run(submission->plan, result);
        limits_settle(submission->service->limits, &submission->hold, record->cost_micros);
        metrics_add(submission->service->metrics, METRIC_COST, record->cost_micros, record->plan, NULL, NULL);
    }
    record->memory_kib_ms = price_memory_kib_ms(result);
    // With an Idempotency-Key it is kept with its answer (api/idempotency.c). A full queue is counted there;
    // the run's answer does not wait for its history.
    if (submission->request->reply_key == NULL)
        store_record_run(submission->service->store, record);
}

static void runs_answer(struct submission *submission, const struct run_result *result)
{
    struct http_request *request = submission->request;
    if (result->outcome == OUTCOME_INTERNAL_ERROR) {
        http_refuse_run(request, PROBLEM_INTERNAL_ERROR, result->run_id, result->message);
    } else {
        const struct plugin_pick *pick = &submission->plugin.pick;
        bool is_plugin = pick->plugin[0] != '\0';
        struct result_labels labels = {.plugin_name = is_plugin ? pick->plugin : NULL,
                                       .plugin_version = is_plugin ? pick->version : NULL,
                                       .code_sha256 = submission->code_sha256,
                                       .trace_id = request->trace.trace_id};
        struct buffer body = buffer_make(RESULT_SIZE_MAX);
        buffer_reserve(&body, 2048 + result->output.length);
        result_json_put(&body, result, &labels);
        http_answer(request, 200, "application/json", &body);
    }
    record_run(submission, result);
}

static void refuse_size(struct http_request *request, enum problem_code code, const char *pointer,
                        uint64_t found, uint64_t maximum, const struct policy *policy)
{
    char size[UNITS_TEXT_SIZE], limit[UNITS_TEXT_SIZE];
    units_format(found, UNIT_BYTES, size);
    units_format(maximum, UNIT_BYTES, limit);
    struct diagnostics faults;
    diagnostics_init(&faults);
    diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "%s, and at most %s", size, limit);
    http_refuse_faults(request, code, &faults, "it has %s; policy \"%s\" allows %s", size, policy->name,
                       limit);
    diagnostics_free(&faults);
}

// A run that is asked for: of the envelope's text, or of a plugin.
struct order {
    struct service *service;
    struct http_request *request;
    const struct run_envelope *envelope;
    struct run_plugin plugin;
    struct plan *plan; // of the tenant that asks; NULL: an admin asks for itself
};

// What policy and plugin say of code and context before a worker sees them. False: the request is answered.
static bool inputs_fit(const struct order *order, const struct policy *policy,
                       const struct run_limits *limits)
{
    struct http_request *request = order->request;
    const struct package *package = order->plugin.package;
    struct bytes context = order->envelope->context;
    uint64_t code_bytes = package != NULL ? package_code_bytes(package) : order->envelope->code.length;
    if (code_bytes > limits->value[LIMIT_CODE_BYTES]) {
        refuse_size(request, PROBLEM_CODE_TOO_LARGE, package != NULL ? "/plugin" : "/code", code_bytes,
                    limits->value[LIMIT_CODE_BYTES], policy);
        return false;
    }
    if (context.length > limits->value[LIMIT_CONTEXT_BYTES]) {
        refuse_size(request, PROBLEM_CONTEXT_TOO_LARGE, "/context", context.length,
                    limits->value[LIMIT_CONTEXT_BYTES], policy);
        return false;
    }
    unsigned depth = json_nesting(context);
    if (depth > limits->value[LIMIT_JSON_DEPTH]) {
        struct diagnostics faults;
        diagnostics_init(&faults);
        diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, "/context",
                        "it is nested %u deep, and at most %llu", depth,
                        (unsigned long long)limits->value[LIMIT_JSON_DEPTH]);
        http_refuse_faults(request, PROBLEM_INVALID_REQUEST, &faults, "the context is nested too deeply");
        diagnostics_free(&faults);
        return false;
    }
    return run_plugin_takes(request, &order->plugin, context);
}

// Where nothing has to be repeatable, every run has random numbers of its own.
static uint64_t seed_of(const struct run_envelope *envelope, const struct policy *policy)
{
    uint64_t seed = envelope->seed;
    if (!envelope->seed_given && !policy->deterministic)
        randombytes_buf(&seed, sizeof seed);
    return seed;
}

// The modules of the run, and the hash by which they are known.
static void take_code(struct order *order, struct run_request *run, struct submission *submission)
{
    const struct run_envelope *envelope = order->envelope;
    if (order->plugin.package != NULL) {
        run->module_count = package_modules(order->plugin.package, run->modules);
        memcpy(submission->code_sha256, order->plugin.pick.sha256, sizeof(submission->code_sha256));
        submission->plugin = order->plugin;
        order->plugin.package = NULL;
        return;
    }
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)envelope->code.data, envelope->code.length);
    sodium_bin2hex(submission->code_sha256, sizeof(submission->code_sha256), hash, sizeof(hash));
    run->module_count = 1;
    run->modules[0] =
        (struct job_module){.name = bytes_of_text(envelope->chunk_name), .code = envelope->code};
}

// True: the request is the engine's now, or was resumed.
static bool start_run(struct order *order, const struct policy *policy, const struct effective_limits *limits)
{
    const struct run_envelope *envelope = order->envelope;
    struct limit_hold hold = {.cost_micros = 0};
    if (order->plan != NULL &&
        !limit_run(order->service, order->request, order->plan, &limits->limits, &hold))
        return false;
    struct submission *submission = submission_new(order->service, order->request, policy->name, runs_answer);
    if (submission == NULL) {
        if (order->plan != NULL)
            limits_settle(order->service->limits, &hold, 0);
        return false;
    }
    submission->is_run = true;
    submission->plan = take_ptr(order->plan);
    submission->hold = hold;
    submission->context = envelope->context;
    struct run_request run = {
        .policy = policy,
        .kind = JOB_RUN,
        .limits = *limits,
        .seed = seed_of(envelope, policy),
        .count_instructions = envelope->count_instructions,
        .profile = envelope->profile,
        .context = envelope->context,
    };
    take_code(order, &run, submission);
    submission_start(submission, &run);
    return true;
}

// The policy of a run, or NULL: then the request is answered.
static struct policy *policy_of(const struct order *order)
{
    const struct run_envelope *envelope = order->envelope;
    const struct plan *plan = order->plan;
    const char *name = envelope->policy_given || plan == NULL ? envelope->policy : plan_default_policy(plan);
    if (plan == NULL || plan_allows_policy(plan, name))
        return submission_policy(order->service, order->request, name);
    http_refuse(order->request, PROBLEM_FORBIDDEN, "the plan \"%s\" does not have the policy \"%s\"",
                plan->name, name);
    return NULL;
}

static bool run_under_policy(struct order *order, struct diagnostics *faults)
{
    struct policy *policy = policy_of(order);
    if (policy == NULL)
        return false;
    struct effective_limits limits;
    const struct manifest *manifest = order->plugin.package != NULL ? &order->plugin.package->manifest : NULL;
    bool handed_on = false;
    if (!run_limits_resolve(policy, manifest, order->plan, order->envelope, &limits, faults))
        http_refuse_faults(order->request, PROBLEM_LIMIT_OUT_OF_RANGE, faults,
                           "a limit is beyond what the policy or the plan allows; nothing was run");
    else if (inputs_fit(order, policy, &limits.limits))
        handed_on = start_run(order, policy, &limits);
    policy_unref(policy);
    return handed_on;
}

static bool create(struct service *service, struct http_request *request, bool may_wait);

static void create_waiting(struct service *service, struct http_request *request)
{
    if (!create(service, request, true))
        http_resume(request);
}

// An admin may ask in the name of a tenant: then the run is that tenant's, in every way. False: the request
// is answered.
static bool stand_in(struct order *order)
{
    struct http_request *request = order->request;
    const char *tenant = order->envelope->tenant;
    char suspended[SUSPENSION_SIZE];
    // It may be the second time that this request is handled.
    if (tenant[0] == '\0' || strcmp(tenant, request->identity.tenant) == 0)
        return true;
    enum key_verdict verdict = identity_may(&request->identity, tenant)
                                   ? accounts_stand_in(order->service->accounts, tenant, suspended)
                                   : KEY_UNKNOWN;
    if (verdict == KEY_SUSPENDED)
        http_refuse(request, PROBLEM_TENANT_SUSPENDED, "this tenant is suspended: %s", suspended);
    else if (verdict == KEY_UNKNOWN)
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant of this id");
    if (verdict != KEY_GOOD)
        return false;
    memcpy(request->identity.tenant, tenant, sizeof(request->identity.tenant));
    return limit_stand_in(order->service, request);
}

// Every tenant has a plan: without one it was deleted since the request was let in, perhaps while its body
// was on its way. To go on without a plan is an admin's right alone.
static void refuse_deleted(struct http_request *request)
{
    if (request->identity.role == ROLE_ADMIN) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant of this id");
        return;
    }
    http_refuse(request, PROBLEM_UNAUTHENTICATED, "the key is not known: its tenant was deleted just now");
    http_add_header(request, "WWW-Authenticate", "Bearer realm=\"sandboxd\", error=\"invalid_token\"");
}

static bool run_order(struct order *order, struct diagnostics *faults, bool may_wait)
{
    const char *tenant = order->request->identity.tenant;
    bool handed_on = false;
    if (!stand_in(order))
        return false;
    order->plan = accounts_plan(order->service->accounts, tenant);
    if (order->plan == NULL && tenant[0] != '\0') {
        refuse_deleted(order->request);
        return false;
    }
    switch (run_plugin_find(order->service, order->request, order->envelope, may_wait, &order->plugin)) {
    case PLUGIN_FOUND:
        handed_on = run_under_policy(order, faults);
        break;
    case PLUGIN_NOT_IN_MEMORY:
        hand_on_later(order->service, order->request, order->service->queries, create_waiting);
        handed_on = true;
        break;
    case PLUGIN_REFUSED:
        break;
    }
    package_unref(order->plugin.package);
    plan_unref(order->plan);
    return handed_on;
}

// False: the request is answered, and still the caller's.
static bool create(struct service *service, struct http_request *request, bool may_wait)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct run_envelope envelope;
    struct json_fault json_fault;
    struct order order = {.service = service, .request = request, .envelope = &envelope};
    struct bytes body = bytes_of(request->body.data, request->body.length);
    bool handed_on = false;
    if (!run_envelope_read(body, &envelope, &faults, &json_fault))
        answer_invalid_json(request, &json_fault);
    else if (diagnostics_any(&faults))
        answer_invalid_request(request, &faults);
    else
        handed_on = run_order(&order, &faults, may_wait);
    run_envelope_free(&envelope);
    diagnostics_free(&faults);
    return handed_on;
}

void runs_create(void *app, struct http_request *request)
{
    create(app, request, false);
}

void runs_departed(void *app, const char *run_id)
{
    struct service *service = app;
    engine_cancel(service->engine, run_id); // false: it ended meanwhile
}
