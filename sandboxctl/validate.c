// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/validate.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "runtime/engine/locations.h"
#include "sandboxctl/bundle.h"
#include "sandboxctl/findings_report.h"
#include "sandboxctl/policy_source.h"
#include "sandboxctl/progress.h"
#include "sandboxctl/refusal.h"
#include "validation/validation.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

const struct option_spec validate_options[] = {
    {"policy", 'p', "NAME|FILE", "the policy to validate for (default: default)", "policy"},
    {0},
};

enum { PROGRESS_STEP_MS = 200 };

// The job's way through an engine that has nothing else to do.
struct local_validation {
    struct validation *validation;
    struct engine *engine;
    bool ended;
    bool taken;
    struct error err;
    char problem[ERROR_TEXT_SIZE]; // why the validator could not start
};

static void fill_input(const struct bundle *bundle, const struct policy *policy,
                       struct validation_input *ret_input)
{
    *ret_input = (struct validation_input){.policy = policy, .module_count = (uint32_t)bundle->module_count};
    for (size_t i = 0; i < bundle->module_count; i++)
        ret_input->modules[i] =
            (struct job_module){.name = bytes_of_text(bundle->modules[i].name),
                                .code = bytes_of(bundle->modules[i].code, bundle->modules[i].length)};
}

static void job_done(void *user, const struct run_result *result)
{
    struct local_validation *local = user;
    local->taken = validation_take(local->validation, result, &local->err);
    local->ended = true;
}

static void engine_told(void *context, const struct engine_note *note)
{
    struct local_validation *local = context;
    enum engine_event event = note->event;
    if (event == EVENT_ZYGOTE_REFUSED || event == EVENT_ZYGOTE_DIED || event == EVENT_WORKER_LOST)
        snprintf(local->problem, sizeof local->problem, "%s", note->text);
}

static bool start_engine(struct local_validation *local, struct error *err)
{
    char zygote[PATH_MAX];
    if (!location_of_zygote(zygote, err))
        return false;
    const struct engine_options options = {
        .zygote_path = zygote,
        .max_running = 1,
        .queue_capacity = 1,
        .memory_budget_bytes = UINT64_MAX,
        .one_run = true,
        .grace_ms = 100,
        .event = engine_told,
        .event_context = local,
    };
    local->engine = engine_new(&options, err);
    return local->engine != NULL;
}

// No signal is waited for: an interrupt ends this process, and everything below it ends with it.
static bool ask_worker(struct local_validation *local, const struct validation_input *input,
                       struct error *err)
{
    autofree struct run_request *request = malloc(sizeof *request);
    if (request == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    if (!start_engine(local, err))
        return false;
    validation_request(local->validation, input, request);
    uuid_v7(request->run_id);
    request->done = job_done;
    request->user = local;
    if (engine_submit(local->engine, request) != ADMITTED)
        return error_set(err, ERROR_MEMORY, "out of memory");
    struct progress progress = progress_begin(stderr, false, "checking", 0);
    while (!local->ended) {
        engine_step(local->engine, PROGRESS_STEP_MS);
        progress_at(&progress, clock_monotonic_ns(), 0);
    }
    progress_end(&progress);
    if (!local->taken && local->problem[0] != '\0')
        return error_set(err, ERROR_UNSUPPORTED, "%s", local->problem);
    if (!local->taken)
        *err = local->err;
    return local->taken;
}

static struct validation *validate(const struct validation_input *input, struct error *err)
{
    struct local_validation local = {.validation = validation_new(input, err)};
    bool good = local.validation != NULL;
    if (good && validation_needs_worker(local.validation))
        good = ask_worker(&local, input, err);
    engine_free(local.engine);
    if (good)
        return local.validation;
    validation_free(local.validation);
    return NULL;
}

static enum exit_status show_json(const struct validation *validation, enum exit_status status)
{
    struct buffer out = buffer_make(SIZE_MAX);
    validation_put_json(validation, &out);
    return print_text(&out, status);
}

struct validation *validate_plugin(struct bundle *bundle, const char *plugin, const struct policy *policy,
                                   struct error *err)
{
    struct validation_input input;
    struct diagnostics faults;
    struct validation *validation = NULL;
    diagnostics_init(&faults);
    if (bundle_read(bundle, plugin, &faults, err)) {
        fill_input(bundle, policy, &input);
        validation = validate(&input, err);
    }
    if (validation != NULL)
        validation_add_manifest_faults(validation, &faults);
    diagnostics_free(&faults);
    return validation;
}

enum exit_status validate_command(const struct invocation *invocation)
{
    struct error err;
    struct bundle bundle = {0};
    const char *plugin = invocation->arguments[0], *name = invocation_option(invocation, "policy");
    struct policy *policy = policy_source_load(name != NULL ? name : "default", &err);
    struct validation *validation = policy != NULL ? validate_plugin(&bundle, plugin, policy, &err) : NULL;
    enum exit_status status;
    if (validation == NULL) {
        status = refuse(invocation, &err);
    } else {
        status = validation_is_valid(validation) ? STATUS_SUCCESS : STATUS_PLUGIN_FAILED;
        if (invocation->json)
            status = show_json(validation, status);
        else
            findings_report(stdout, invocation->colour, plugin, &bundle, validation);
    }
    validation_free(validation);
    policy_unref(policy);
    bundle_free(&bundle);
    return status;
}
