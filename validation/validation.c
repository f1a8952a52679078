// SPDX-License-Identifier: Apache-2.0
#include "validation/validation.h"

#include "base/json_write.h"
#include "base/require.h"
#include "policies/units.h"
#include "validation/validation_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT_MAX = 32768 }; // every name there is fits in

static void put_context(struct buffer *out, const struct policy *policy)
{
    bool first = true;
    buffer_append_byte(out, '{');
    json_put_name(out, "policy");
    json_put_text(out, policy->name);
    json_put_name(out, "allowed");
    buffer_append_byte(out, '[');
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        char text[64];
        if (!policy->lua_allowed[i])
            continue;
        if (!first)
            buffer_append_byte(out, ',');
        first = false;
        lua_name_text((enum lua_name)i, text, sizeof text);
        json_put_text(out, text);
    }
    buffer_append_text(out, "]}");
}

struct validation *validation_new(const struct validation_input *input, struct error *err)
{
    require(input->module_count <= MODULES_MAX);
    struct validation *validation = calloc(1, sizeof *validation);
    if (validation == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for a validation");
        return NULL;
    }
    validation->context = buffer_make(CONTEXT_MAX);
    put_context(&validation->context, input->policy);
    bool copied = buffer_ok(&validation->context);
    for (uint32_t i = 0; copied && i < input->module_count; i++) {
        validation->names[i] = strndup(input->modules[i].name.data, input->modules[i].name.length);
        copied = validation->names[i] != NULL;
        validation->module_count++;
    }
    if (!copied) {
        validation_free(validation);
        error_set(err, ERROR_MEMORY, "no memory for a validation");
        return NULL;
    }
    validation_check_modules(validation, input);
    findings_sort(&validation->findings);
    return validation;
}

void validation_free(struct validation *validation)
{
    if (validation == NULL)
        return;
    for (uint32_t i = 0; i < validation->module_count; i++)
        free(validation->names[i]);
    buffer_free(&validation->context);
    findings_free(&validation->findings);
    free(validation);
}

void validation_add_manifest_faults(struct validation *validation, const struct diagnostics *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct diagnostic *fault = &faults->items[i];
        const struct finding place = {.code = VALIDATION_CODE_MANIFEST,
                                      .line = fault->line,
                                      .column = fault->column,
                                      .end_column = fault->column > 0 ? fault->column + 1 : 0};
        findings_add(&validation->findings, &place, "%s%s%s", fault->pointer,
                     fault->pointer[0] != '\0' ? ": " : "", fault->message);
    }
    validation->findings.incomplete |= faults->incomplete;
    findings_sort(&validation->findings);
}

bool validation_needs_worker(const struct validation *validation)
{
    return validation->module_count > 0 && !validation->oversize;
}

void validation_request(const struct validation *validation, const struct validation_input *input,
                        struct run_request *ret_request)
{
    *ret_request = (struct run_request){
        .tenant = input->tenant != NULL ? input->tenant : "",
        .policy = input->policy,
        .kind = JOB_VALIDATE,
        .module_count = input->module_count,
        .context = bytes_of(validation->context.data, validation->context.length),
    };
    memcpy(ret_request->modules, input->modules, sizeof *input->modules * input->module_count);
    limits_for_validation(&ret_request->limits.limits);
}

// The module that a limit struck in while it was compiled, with its line.
static struct finding place_of_limit(const struct validation *validation, const struct run_result *result)
{
    struct finding place = {.code = VALIDATION_CODE_LIMIT, .module = 1};
    for (uint32_t i = 0; i < validation->module_count && result->traceback_count > 0; i++) {
        if (!bytes_equal_text(result->traceback[0].source, validation->names[i]))
            continue;
        place.module = i + 1;
        place.line = result->traceback[0].line <= INT32_MAX ? result->traceback[0].line : 0;
    }
    return place;
}

static void add_limit(struct validation *validation, const struct run_result *result)
{
    const struct finding place = place_of_limit(validation, result);
    char allowed[UNITS_TEXT_SIZE];
    const struct run_limit_info *limit = &run_limit_table[result->limit];
    units_format_rounded(result->limits.limits.value[result->limit], limit->unit, allowed);
    findings_add(
        &validation->findings, &place,
        "checking it reached the validator's own limit of %s (%s): split it into smaller functions and "
        "modules",
        allowed, limit->name);
}

// What the worker said, or how it ended, whoever made it so.
static void add_outcome(struct validation *validation, const struct run_result *result)
{
    const struct finding place = {.code = VALIDATION_CODE_FAILED, .module = 1};
    if (result->outcome == OUTCOME_OK &&
        findings_read(&validation->findings, result->output, validation->module_count))
        return;
    if (result->limit_hit)
        add_limit(validation, result);
    else if (result->outcome == OUTCOME_OK)
        findings_add(&validation->findings, &place, "the validator gave no answer that can be read");
    else
        findings_add(&validation->findings, &place, "the validator did not survive this source (%s): %s",
                     outcome_name(result->outcome), result->message);
}

bool validation_take(struct validation *validation, const struct run_result *result, struct error *err)
{
    if (result->outcome == OUTCOME_CANCELLED)
        return error_set(err, ERROR_CLOSED, "the validation was cancelled");
    if (result->outcome == OUTCOME_INTERNAL_ERROR)
        return error_set(err, ERROR_UNSUPPORTED, "%s", result->message);
    add_outcome(validation, result);
    struct findings *findings = &validation->findings;
    if (findings->incomplete)
        return error_set(err, ERROR_MEMORY, "no memory for what the validation found");
    const struct finding place = {.code = VALIDATION_CODE_TOO_MANY, .module = 1};
    if (findings->omitted > 0)
        findings_add(findings, &place, "%" PRIu64 " more were found, and are not told here",
                     findings->omitted);
    findings_sort(findings);
    return true;
}

bool validation_is_valid(const struct validation *validation)
{
    return !findings_any_error(&validation->findings);
}

const struct findings *validation_findings(const struct validation *validation)
{
    return &validation->findings;
}

const char *validation_source(const struct validation *validation, const struct finding *finding)
{
    if (finding->module == 0)
        return "plugin.json";
    require(finding->module <= validation->module_count);
    return validation->names[finding->module - 1];
}

static void put_number(struct buffer *out, const char *name, uint32_t value)
{
    json_put_name(out, name);
    json_put_unsigned(out, value);
}

static void put_finding(struct buffer *out, const char *source, const struct finding *finding)
{
    const struct validation_code_info *code = &validation_code_table[finding->code];
    buffer_append_byte(out, '{');
    json_put_name(out, "severity");
    json_put_text(out, validation_severity_name(code->severity));
    json_put_name(out, "code");
    json_put_text(out, code->name);
    json_put_name(out, "message");
    json_put_text(out, finding->message);
    json_put_name(out, "source");
    json_put_text(out, source);
    if (finding->line > 0)
        put_number(out, "line", finding->line);
    if (finding->column > 0) {
        put_number(out, "column", finding->column);
        put_number(out, "end_column", finding->end_column);
    }
    buffer_append_byte(out, '}');
}

void validation_put_diagnostics(const struct validation *validation, struct buffer *out)
{
    const struct findings *findings = &validation->findings;
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < findings->count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        put_finding(out, validation_source(validation, &findings->items[i]), &findings->items[i]);
    }
    buffer_append_byte(out, ']');
}

void validation_put_json(const struct validation *validation, struct buffer *out)
{
    buffer_printf(out, "{\"valid\":%s,\"diagnostics\":", validation_is_valid(validation) ? "true" : "false");
    validation_put_diagnostics(validation, out);
    buffer_append_byte(out, '}');
}
