// SPDX-License-Identifier: Apache-2.0
// POST /v1/validate: whether a plugin is fit to be run under a policy; nothing is run.
#include "sandboxd/api/answers.h"
#include "sandboxd/api/envelope.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/api/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The entry is called by the name of a file: "main.lua".
enum { NAME_MAX_WITHOUT_SUFFIX = MODULE_NAME_MAX - 4, ANSWER_MAX = 16 << 20 };

struct validate_module {
    char name[MODULE_NAME_MAX + 1];
    struct bytes code;
    char *owned;
};

struct validate_request {
    unsigned count;
    struct validate_module module[MODULES_MAX];
    bool has_code, has_modules;
    char policy[POLICY_NAME_MAX + 1];
    unsigned entry;
    char entry_file[MODULE_NAME_MAX + 1]; // "main.lua"
};

static bool take_module_text(struct envelope *envelope, struct validate_request *request, const char *name,
                             const char *pointer)
{
    struct validate_module *module = &request->module[request->count];
    snprintf(module->name, sizeof(module->name), "%s", name);
    if (!envelope_take_text(envelope, pointer, &module->code, &module->owned))
        return false;
    request->count++;
    return true;
}

static bool is_taken(const struct validate_request *request, struct bytes name)
{
    for (unsigned i = 0; i < request->count; i++)
        if (bytes_equal_text(name, request->module[i].name))
            return true;
    return false;
}

// An object whose names are the modules' own.
static bool take_modules(struct envelope *envelope, const char *pointer, struct validate_request *request)
{
    static const struct envelope_object no_object = {.count = 0};
    if (envelope_peek(envelope) != '{')
        return envelope_take_object(envelope, &no_object, pointer, NULL);
    if (json_next(&envelope->cursor) != JSON_OBJECT_BEGIN)
        return false;
    for (;;) {
        enum json_token token = json_next(&envelope->cursor);
        if (token == JSON_OBJECT_END)
            return true;
        if (token != JSON_NAME)
            return false;
        char name[NAME_MAX_WITHOUT_SUFFIX + 1] = "", inner[MODULE_NAME_MAX + 32];
        struct bytes span = envelope->cursor.span, ignored;
        bool named =
            span.length > 0 && span.length <= NAME_MAX_WITHOUT_SUFFIX && !envelope->cursor.has_escapes;
        if (named)
            memcpy(name, span.data, span.length);
        snprintf(inner, sizeof(inner), "%s/%s", pointer, name);
        bool taken = named && is_taken(request, span);
        if (named && !taken && request->count < MODULES_MAX) {
            if (!take_module_text(envelope, request, name, inner))
                return false;
            continue;
        }
        envelope_fault(envelope, inner,
                       "expected at most %d modules, each with a name of its own of 1 to %d plain bytes",
                       MODULES_MAX, NAME_MAX_WITHOUT_SUFFIX);
        if (!json_skip_value(&envelope->cursor, &ignored))
            return false;
    }
}

enum { MEMBER_CODE, MEMBER_MODULES, MEMBER_POLICY };
static const char *const member_names[] = {"code", "modules", "policy"};

static bool take_member(struct envelope *envelope, unsigned index, const char *pointer, void *out)
{
    struct validate_request *request = out;
    request->has_code |= index == MEMBER_CODE;
    request->has_modules |= index == MEMBER_MODULES;
    if (request->has_code && request->has_modules && index != MEMBER_POLICY) {
        struct bytes ignored;
        envelope_fault(envelope, pointer, "expected \"code\" or \"modules\", not both");
        return json_skip_value(&envelope->cursor, &ignored);
    }
    switch (index) {
    case MEMBER_CODE:
        return take_module_text(envelope, request, "main", pointer);
    case MEMBER_MODULES:
        return take_modules(envelope, pointer, request);
    default:
        return envelope_take_short_text(envelope, pointer, request->policy, sizeof(request->policy));
    }
}

static void answer(struct http_request *request, const struct validation *validation)
{
    struct buffer body = buffer_make(ANSWER_MAX);
    validation_put_json(validation, &body);
    http_answer(request, 200, "application/json", &body);
}

static void validate_answer(struct submission *submission, const struct run_result *result)
{
    struct validation *validation = submission->validation;
    struct error err;
    if (validation_take(validation, result, &err))
        answer(submission->request, validation);
    else if (err.kind == ERROR_CLOSED)
        http_refuse(submission->request, PROBLEM_BUSY, "the validation was cancelled; try again");
    else
        http_refuse_run(submission->request, PROBLEM_INTERNAL_ERROR, result->run_id, err.text);
}

// The entry is the module "main", or the first.
static void find_entry(struct validate_request *asked)
{
    for (unsigned i = 0; i < asked->count; i++)
        if (strcmp(asked->module[i].name, "main") == 0)
            asked->entry = i;
    snprintf(asked->entry_file, sizeof(asked->entry_file), "%.*s.lua", NAME_MAX_WITHOUT_SUFFIX,
             asked->module[asked->entry].name);
}

static void fill_input(const struct validate_request *asked, const struct policy *policy,
                       struct validation_input *ret_input)
{
    *ret_input = (struct validation_input){.policy = policy, .module_count = asked->count};
    ret_input->modules[0] = (struct job_module){.name = bytes_of_text(asked->entry_file),
                                                .code = asked->module[asked->entry].code};
    for (unsigned i = 0, next = 1; i < asked->count; i++)
        if (i != asked->entry)
            ret_input->modules[next++] = (struct job_module){.name = bytes_of_text(asked->module[i].name),
                                                             .code = asked->module[i].code};
}

static void start(struct service *service, struct http_request *request, const struct validate_request *asked,
                  const struct policy *policy)
{
    struct validation_input input;
    struct error err;
    fill_input(asked, policy, &input);
    struct submission *submission = submission_new(service, request, policy->name, validate_answer);
    if (submission == NULL)
        return;
    submission->validation = validation_new(&input, &err);
    if (submission->validation != NULL && validation_needs_worker(submission->validation)) {
        struct run_request run;
        validation_request(submission->validation, &input, &run);
        submission_start(submission, &run);
        return;
    }
    if (submission->validation != NULL)
        answer(request, submission->validation);
    else
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for it");
    submission_free(submission);
}

static void validate(struct service *service, struct http_request *request, struct validate_request *asked)
{
    struct policy *policy = submission_policy(service, request, asked->policy);
    find_entry(asked);
    if (policy != NULL)
        start(service, request, asked, policy);
    policy_unref(policy);
}

void validate_create(void *app, struct http_request *request)
{
    static const struct envelope_object object = {.names = member_names, .count = 3, .take = take_member};
    struct validate_request *asked = calloc(1, sizeof(*asked));
    if (asked == NULL) {
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for it");
        return;
    }
    strcpy(asked->policy, "default");
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct json_fault json_fault;
    struct bytes body = bytes_of(request->body.data, request->body.length);
    bool is_json = envelope_read(body, &object, asked, &faults, &json_fault);
    if (is_json && !diagnostics_any(&faults) && asked->count == 0)
        diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, asked->has_modules ? "/modules" : "/code",
                        "it is missing: Lua text to validate");
    if (!is_json)
        answer_invalid_json(request, &json_fault);
    else if (diagnostics_any(&faults))
        answer_invalid_request(request, &faults);
    else
        validate(app, request, asked);
    for (unsigned i = 0; i < asked->count; i++)
        free(asked->module[i].owned);
    diagnostics_free(&faults);
    free(asked);
}
