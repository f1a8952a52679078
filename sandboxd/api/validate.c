// SPDX-License-Identifier: Apache-2.0
// POST /v1/validate: a worker of the policy compiles the modules and looks at their globals; nothing is run.
#include "base/json_write.h"
#include "sandboxd/api/answers.h"
#include "sandboxd/api/envelope.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/api/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A module is known to its worker as "util.lua".
enum { NAME_MAX_WITHOUT_SUFFIX = MODULE_NAME_MAX - 4 };

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
};

static bool take_module_text(struct envelope *envelope, struct validate_request *request, const char *name,
                             const char *pointer)
{
    struct validate_module *module = &request->module[request->count];
    snprintf(module->name, sizeof(module->name), "%s.lua", name);
    if (!envelope_take_text(envelope, pointer, &module->code, &module->owned))
        return false;
    request->count++;
    return true;
}

static bool is_taken(const struct validate_request *request, struct bytes name)
{
    for (unsigned i = 0; i < request->count; i++) {
        const char *taken = request->module[i].name;
        if (strlen(taken) == name.length + 4 && memcmp(taken, name.data, name.length) == 0)
            return true;
    }
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

// Whether what the worker found has an error in it: a "severity" of "error" in some diagnostic.
static bool has_error(struct bytes diagnostics)
{
    struct json_cursor cursor;
    json_cursor_init(&cursor, diagnostics, JSON_DEPTH_MAX);
    bool severity = false;
    for (;;) {
        enum json_token token = json_next(&cursor);
        if (token == JSON_END || token == JSON_FAULT)
            return token == JSON_FAULT;
        if (severity && token == JSON_STRING && bytes_equal_text(cursor.span, "error"))
            return true;
        severity = token == JSON_NAME && bytes_equal_text(cursor.span, "severity");
    }
}

static const char *const output_names[] = {"diagnostics"};

static bool take_output(struct envelope *envelope, unsigned index, const char *pointer, void *out)
{
    (void)index;
    (void)pointer;
    return envelope_take_raw(envelope, out);
}

// The list of diagnostics in the worker's output; empty if the worker said something else.
static struct bytes diagnostics_of(struct bytes output)
{
    static const struct envelope_object object = {.names = output_names, .count = 1, .take = take_output};
    struct bytes list = {0};
    struct diagnostics faults;
    struct json_fault json_fault;
    diagnostics_init(&faults);
    bool read = envelope_read(output, &object, &list, &faults, &json_fault) && !diagnostics_any(&faults);
    diagnostics_free(&faults);
    return read && list.length > 0 && list.data[0] == '[' ? list : bytes_of(NULL, 0);
}

// A limit was reached while compiling: that is a finding, too.
static void put_outcome(struct buffer *body, const struct run_result *result)
{
    buffer_append_text(body, "{\"valid\":false,\"diagnostics\":[{");
    json_put_name(body, "severity");
    json_put_text(body, "error");
    json_put_name(body, "code");
    json_put_text(body, outcome_name(result->outcome));
    json_put_name(body, "message");
    json_put_text(body, result->message);
    buffer_append_text(body, "}]}");
}

static void validate_answer(struct submission *submission, const struct run_result *result)
{
    struct http_request *request = submission->request;
    struct bytes list = result->outcome == OUTCOME_OK ? diagnostics_of(result->output) : bytes_of(NULL, 0);
    if (result->outcome == OUTCOME_INTERNAL_ERROR || (result->outcome == OUTCOME_OK && list.length == 0)) {
        http_refuse_run(request, PROBLEM_INTERNAL_ERROR, result->run_id,
                        result->message[0] != '\0' ? result->message : "the validation gave no result");
        return;
    }
    struct buffer body = buffer_make(64 << 20);
    if (result->outcome != OUTCOME_OK) {
        put_outcome(&body, result);
    } else {
        buffer_printf(&body, "{\"valid\":%s,\"diagnostics\":", has_error(list) ? "false" : "true");
        buffer_append(&body, list.data, list.length);
        buffer_append_byte(&body, '}');
    }
    http_answer(request, 200, "application/json", &body);
}

static bool sizes_fit(struct http_request *request, const struct validate_request *asked,
                      const struct policy *policy)
{
    uint64_t maximum = policy->limits.value[LIMIT_CODE_BYTES], total = 0;
    for (unsigned i = 0; i < asked->count; i++)
        total += asked->module[i].code.length;
    if (total <= maximum)
        return true;
    http_refuse(request, PROBLEM_CODE_TOO_LARGE, "the code has %llu bytes; policy \"%s\" allows %llu",
                (unsigned long long)total, policy->name, (unsigned long long)maximum);
    return false;
}

static void start(struct service *service, struct http_request *request, const struct validate_request *asked)
{
    struct policy *policy = submission_policy(service, request, asked->policy);
    if (policy == NULL)
        return;
    struct submission *submission = sizes_fit(request, asked, policy)
                                        ? submission_new(service, request, policy->name, validate_answer)
                                        : NULL;
    if (submission != NULL) {
        struct run_request run = {.policy = policy,
                                  .kind = JOB_VALIDATE,
                                  .limits = {.limits = policy->limits},
                                  .module_count = asked->count,
                                  .context = bytes_of_text("null")};
        limits_for_validation(&run.limits.limits);
        for (unsigned i = 0; i < asked->count; i++)
            run.modules[i] = (struct job_module){.name = bytes_of_text(asked->module[i].name),
                                                 .code = asked->module[i].code};
        submission_start(submission, &run);
    }
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
        diagnostics_add(&faults, "request", 0, 0, asked->has_modules ? "/modules" : "/code",
                        "it is missing: Lua text to validate");
    if (!is_json)
        answer_invalid_json(request, &json_fault);
    else if (diagnostics_any(&faults))
        answer_invalid_request(request, &faults);
    else
        start(app, request, asked);
    for (unsigned i = 0; i < asked->count; i++)
        free(asked->module[i].owned);
    diagnostics_free(&faults);
    free(asked);
}
