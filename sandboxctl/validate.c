// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/validate.h"

#include "sandboxctl/local_run.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const struct option_spec validate_options[] = {
    {"policy", 'p', "NAME|FILE", "the policy to validate for (default: default)", "policy"},
    {0},
};

struct validation {
    const struct invocation *invocation;
    const struct bundle *bundle;
    enum exit_status status;
};

static const char *path_of(const struct bundle *bundle, const char *source)
{
    for (size_t i = 0; i < bundle->module_count; i++)
        if (strcmp(bundle->modules[i].name, source) == 0)
            return bundle->modules[i].path;
    return source;
}

static void print_diagnostic(const struct validation *validation, const json_t *diagnostic)
{
    const char *source = json_string_value(json_object_get(diagnostic, "source"));
    const char *severity = json_string_value(json_object_get(diagnostic, "severity"));
    const char *message = json_string_value(json_object_get(diagnostic, "message"));
    const char *code = json_string_value(json_object_get(diagnostic, "code"));
    if (source == NULL || severity == NULL || message == NULL)
        return;
    printf("%s:%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT ": %s: %s",
           path_of(validation->bundle, source), json_integer_value(json_object_get(diagnostic, "line")),
           json_integer_value(json_object_get(diagnostic, "column")), severity, message);
    if (code != NULL)
        printf(" [%s]", code);
    putchar('\n');
}

static bool any_error(const json_t *diagnostics)
{
    size_t index;
    json_t *diagnostic;
    json_array_foreach(diagnostics, index, diagnostic)
    {
        const char *severity = json_string_value(json_object_get(diagnostic, "severity"));
        if (severity == NULL || strcmp(severity, "error") == 0)
            return true;
    }
    return false;
}

static void show_json(const json_t *diagnostics, bool valid)
{
    json_t *document = json_pack("{s:b, s:O}", "valid", valid, "diagnostics", diagnostics);
    if (document == NULL || json_dumpf(document, stdout, JSON_COMPACT) != 0)
        fail(STATUS_FAILURE, "out of memory");
    putchar('\n');
    json_decref(document);
}

static void show_text(const struct validation *validation, const json_t *diagnostics)
{
    for (size_t i = 0; i < json_array_size(diagnostics); i++)
        print_diagnostic(validation, json_array_get(diagnostics, i));
    if (json_array_size(diagnostics) == 0)
        printf("%s: good syntax\n", validation->invocation->arguments[0]);
}

static void validated(void *user, const struct run_result *result)
{
    struct validation *validation = user;
    if (result->outcome != OUTCOME_OK) {
        validation->status = fail(STATUS_PLUGIN_FAILED, "validation ended with %s: %s",
                                  outcome_name(result->outcome), result->message);
        return;
    }
    json_t *output = json_loadb(result->output.data, result->output.length, 0, NULL);
    json_t *diagnostics = json_object_get(output, "diagnostics");
    if (!json_is_array(diagnostics)) {
        validation->status = fail(STATUS_FAILURE, "the validator gave no diagnostics");
    } else {
        bool valid = !any_error(diagnostics);
        validation->status = valid ? STATUS_SUCCESS : STATUS_PLUGIN_FAILED;
        if (validation->invocation->json)
            show_json(diagnostics, valid);
        else
            show_text(validation, diagnostics);
    }
    json_decref(output);
}

enum exit_status validate_command(const struct invocation *invocation)
{
    struct error err;
    struct bundle bundle;
    if (!bundle_load(&bundle, invocation->arguments[0], &err))
        return fail_with(&err);
    const char *policy = invocation_option(invocation, "policy");
    struct validation validation = {.invocation = invocation, .bundle = &bundle, .status = STATUS_FAILURE};
    struct local_job job = {.bundle = &bundle, .kind = JOB_VALIDATE, .done = validated, .user = &validation};
    bool interrupted = false;
    struct local_engine *local = local_engine_new(policy != NULL ? policy : "default", 1, &err);
    if (local == NULL) {
        validation.status = fail_with(&err);
    } else {
        job.limits = local_engine_limits(local);
        limits_for_validation(&job.limits.limits);
        if (!local_engine_submit(local, &job, &err))
            validation.status = fail_with(&err);
        else
            local_engine_finish(local, &interrupted);
    }
    local_engine_free(local);
    bundle_free(&bundle);
    return interrupted ? STATUS_INTERRUPTED : validation.status;
}
