// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/plugin_check.h"

#include "policies/json_text.h"
#include "sandboxd/api/submission.h"
#include "validation/validation.h"

enum { DIAGNOSTICS_TEXT_MAX = 16 << 20 };

// Answers with every error; warnings are no reason.
static void refuse_errors(struct http_request *request, const struct validation *validation)
{
    const struct findings *findings = validation_findings(validation);
    struct diagnostics faults;
    diagnostics_init(&faults);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (validation_code_table[finding->code].severity == VALIDATION_ERROR)
            diagnostics_add(&faults, validation_source(validation, finding), finding->line, finding->column,
                            "", "%s", finding->message);
    }
    http_refuse_faults(request, PROBLEM_INVALID_PLUGIN, &faults,
                       "the plugin's Lua text has %zu fault%s, listed in errors; nothing was published",
                       faults.count, faults.count == 1 ? "" : "s");
    diagnostics_free(&faults);
}

static json_t *warnings_of(const struct validation *validation)
{
    struct buffer text = buffer_make(DIAGNOSTICS_TEXT_MAX);
    validation_put_diagnostics(validation, &text);
    json_t *list =
        buffer_ok(&text) ? json_read(bytes_of(text.data, text.length), JSON_REJECT_DUPLICATES, NULL) : NULL;
    buffer_free(&text);
    return list;
}

static void refuse_unseen(struct http_request *request, const struct error *err)
{
    switch (err->kind) {
    case ERROR_LIMIT:
        http_refuse(request, PROBLEM_BUSY, "no worker could look at the plugin just now: %s", err->text);
        return;
    case ERROR_CLOSED:
        http_refuse(request, PROBLEM_STOPPING, "the server is stopping; nothing was published");
        return;
    case ERROR_UNSUPPORTED:
        http_refuse(request, PROBLEM_POLICY_UNAVAILABLE, "no worker can look at the plugin on this host: %s",
                    err->text);
        return;
    default:
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the plugin could not be looked at: %s", err->text);
        return;
    }
}

json_t *plugin_check(struct service *service, struct http_request *request, const struct package *package)
{
    struct error err = {0};
    struct validation_input input = {.tenant = request->identity.tenant,
                                     .policy = submission_policy(service, request, "default")};
    if (input.policy == NULL)
        return NULL;
    input.module_count = package_modules(package, input.modules);
    struct validation *validation = validation_run(service->engine, &input, &err);
    json_t *warnings = NULL;
    if (validation == NULL)
        refuse_unseen(request, &err);
    else if (!validation_is_valid(validation))
        refuse_errors(request, validation);
    else if ((warnings = warnings_of(validation)) == NULL)
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for the answer");
    validation_free(validation);
    policy_unref((struct policy *)input.policy);
    return warnings;
}
