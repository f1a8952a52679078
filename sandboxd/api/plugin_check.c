// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/plugin_check.h"

#include "sandboxd/api/submission.h"
#include "validation/validation.h"

enum { LIST_MAX = 16 << 20 };

static void refuse_unseen(struct http_request *request, const struct error *err)
{
    if (err->kind == ERROR_LIMIT || err->kind == ERROR_CLOSED)
        http_refuse(request, PROBLEM_BUSY, "nobody could look at the plugin just now: %s", err->text);
    else
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "nobody could look at the plugin: %s", err->text);
}

static void refuse_invalid(struct http_request *request, const struct validation *validation)
{
    const struct findings *findings = validation_findings(validation);
    struct diagnostics faults;
    diagnostics_init(&faults);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        const struct validation_code_info *code = &validation_code_table[finding->code];
        if (code->severity == VALIDATION_ERROR)
            diagnostics_add(&faults, validation_source(validation, finding), finding->line, finding->column,
                            "", "%s [%s]", finding->message, code->name);
    }
    http_refuse_faults(request, PROBLEM_INVALID_PLUGIN, &faults,
                       "the plugin's Lua text has %zu fault%s, listed in errors; nothing was published",
                       faults.count, faults.count == 1 ? "" : "s");
    diagnostics_free(&faults);
}

// NULL: the request is answered.
static json_t *list_of(struct http_request *request, const struct validation *validation)
{
    struct buffer text = buffer_make(LIST_MAX);
    validation_put_diagnostics(validation, &text);
    json_t *list = buffer_ok(&text) ? json_loadb(text.data, text.length, 0, NULL) : NULL;
    buffer_free(&text);
    if (list == NULL)
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for what was found");
    return list;
}

static json_t *check_with(struct service *service, struct http_request *request, const struct policy *policy,
                          const struct package *package)
{
    struct validation_input input = {.policy = policy};
    struct error err = {0};
    input.module_count = package_modules(package, input.modules);
    struct validation *validation = validation_run(service->engine, &input, &err);
    json_t *list = NULL;
    if (validation == NULL)
        refuse_unseen(request, &err);
    else if (!validation_is_valid(validation))
        refuse_invalid(request, validation);
    else
        list = list_of(request, validation);
    validation_free(validation);
    return list;
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
