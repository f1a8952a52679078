// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/plugin_check.h"

#include "base/uuid.h"
#include "sandboxd/api/submission.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

// A job that its submitter waits for.
struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    enum outcome outcome;
    char message[256];
    json_t *output;
};

static void on_end(void *waiting_, const struct run_result *result)
{
    struct waiting *waiting = waiting_;
    json_t *output = json_loadb(result->output.data, result->output.length, JSON_REJECT_DUPLICATES, NULL);
    pthread_mutex_lock(&waiting->lock);
    waiting->outcome = result->outcome;
    waiting->output = output;
    snprintf(waiting->message, sizeof waiting->message, "%s", result->message);
    waiting->done = true;
    pthread_cond_signal(&waiting->ended);
    pthread_mutex_unlock(&waiting->lock);
}

static enum admission run_and_wait(struct service *service, struct run_request *run, struct waiting *waiting)
{
    uuid_v7(run->run_id);
    run->tenant = "";
    run->done = on_end;
    run->user = waiting;
    enum admission admission = engine_submit(service->engine, run);
    if (admission != ADMITTED)
        return admission;
    pthread_mutex_lock(&waiting->lock);
    while (!waiting->done)
        pthread_cond_wait(&waiting->ended, &waiting->lock);
    pthread_mutex_unlock(&waiting->lock);
    return ADMITTED;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

// The list of what was found. NULL: the request is answered.
static json_t *findings_of(struct http_request *request, const struct waiting *waiting)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    json_t *list = json_object_get(waiting->output, "diagnostics"), *item;
    size_t index;
    if (waiting->outcome != OUTCOME_OK)
        diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, "/modules", "%s: %s",
                        outcome_name(waiting->outcome), waiting->message);
    json_array_foreach(list, index, item)
    {
        if (strcmp(text_of(item, "severity"), "error") == 0)
            diagnostics_add(&faults, text_of(item, "source"),
                            (unsigned)json_integer_value(json_object_get(item, "line")),
                            (unsigned)json_integer_value(json_object_get(item, "column")), "", "%s",
                            text_of(item, "message"));
    }
    json_t *found = NULL;
    if (diagnostics_any(&faults))
        http_refuse_faults(request, PROBLEM_INVALID_PLUGIN, &faults,
                           "the plugin's Lua text has %zu fault%s, listed in errors; nothing was published",
                           faults.count, faults.count == 1 ? "" : "s");
    else if (!json_is_array(list))
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the validation gave no result");
    else
        found = json_incref(list);
    diagnostics_free(&faults);
    return found;
}

static json_t *check_with(struct service *service, struct http_request *request, const struct policy *policy,
                          const struct package *package)
{
    struct waiting waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
    struct run_request run = {.policy = policy,
                              .kind = JOB_VALIDATE,
                              .limits = {.limits = policy->limits},
                              .context = bytes_of_text("null")};
    limits_for_validation(&run.limits.limits);
    run.module_count = package_modules(package, run.modules);
    json_t *found = NULL;
    if (run_and_wait(service, &run, &waiting) == ADMITTED)
        found = findings_of(request, &waiting);
    else
        http_refuse(request, PROBLEM_BUSY, "no worker could look at the plugin just now; try again");
    json_decref(waiting.output);
    return found;
}

json_t *plugin_check(struct service *service, struct http_request *request, const struct package *package)
{
    struct policy *policy = submission_policy(service, request, "default");
    if (policy == NULL)
        return NULL;
    size_t code_bytes = package_code_bytes(package);
    json_t *found = NULL;
    if (code_bytes > policy->limits.value[LIMIT_CODE_BYTES])
        http_refuse(request, PROBLEM_CODE_TOO_LARGE, "the code has %zu bytes; policy \"%s\" allows %llu",
                    code_bytes, policy->name, (unsigned long long)policy->limits.value[LIMIT_CODE_BYTES]);
    else
        found = check_with(service, request, policy, package);
    policy_unref(policy);
    return found;
}
