// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/result_json.h"

#include "base/json_write.h"
#include "base/syscall_names.h"
#include "runtime/engine/profile_json.h"

#include <string.h>

static void put_member_text(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    if (text != NULL)
        json_put_text(out, text);
    else
        buffer_append_text(out, "null");
}

static void put_member_unsigned(struct buffer *out, const char *name, uint64_t value)
{
    json_put_name(out, name);
    json_put_unsigned(out, value);
}

static void put_member_bool(struct buffer *out, const char *name, bool value)
{
    json_put_name(out, name);
    buffer_append_text(out, value ? "true" : "false");
}

static void put_member_ms(struct buffer *out, const char *name, uint64_t us)
{
    json_put_name(out, name);
    json_put_ms_from_us(out, us);
}

static void put_frame(struct buffer *out, const struct stack_frame *frame)
{
    buffer_append_byte(out, '{');
    json_put_name(out, "source");
    json_put_string(out, frame->source);
    if (frame->line > 0)
        put_member_unsigned(out, "line", frame->line);
    if (frame->function.length > 0) {
        json_put_name(out, "function");
        json_put_string(out, frame->function);
    }
    buffer_append_byte(out, '}');
}

// Where it was, for a person: the innermost line of Lua, since a C function has none.
static const struct stack_frame *where_of(const struct run_result *result)
{
    for (uint32_t i = 0; i < result->traceback_count; i++)
        if (result->traceback[i].line > 0)
            return &result->traceback[i];
    return NULL;
}

static void put_traceback(struct buffer *out, const struct run_result *result)
{
    const struct stack_frame *where = where_of(result);
    if (where != NULL) {
        json_put_name(out, "where");
        put_frame(out, where);
    }
    if (result->traceback_count == 0)
        return;
    json_put_name(out, "traceback");
    buffer_append_byte(out, '[');
    for (uint32_t i = 0; i < result->traceback_count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        put_frame(out, &result->traceback[i]);
    }
    buffer_append_byte(out, ']');
}

static void put_limit(struct buffer *out, const struct run_result *result)
{
    const struct run_limit_info *info = &run_limit_table[result->limit];
    json_put_name(out, "limit");
    buffer_append_byte(out, '{');
    put_member_text(out, "name", info->name);
    put_member_unsigned(out, "value", result->limits.limits.value[result->limit]);
    if (info->unit == UNIT_MS)
        put_member_ms(out, "observed", result->limit_observed_us_or_bytes);
    else
        put_member_unsigned(out, "observed", result->limit_observed_us_or_bytes);
    put_member_text(out, "set_by", limit_origin_name(result->limits.set_by[result->limit]));
    buffer_append_byte(out, '}');
}

void result_json_put_error(struct buffer *out, const struct run_result *result)
{
    if (result->outcome == OUTCOME_OK) {
        buffer_append_text(out, "null");
        return;
    }
    buffer_append_byte(out, '{');
    put_member_text(out, "type", outcome_name(result->outcome));
    put_member_text(out, "owner", outcome_owner_name(result->outcome));
    put_member_text(out, "message", result->message);
    put_traceback(out, result);
    if (result->limit_hit)
        put_limit(out, result);
    if (result->syscall_known) {
        const char *name = syscall_name(result->syscall_number);
        json_put_name(out, "syscall");
        buffer_append_byte(out, '{');
        put_member_unsigned(out, "number", result->syscall_number);
        put_member_text(out, "name", name != NULL ? name : "unknown");
        buffer_append_byte(out, '}');
    }
    if (result->value.length > 0) {
        json_put_name(out, "value");
        buffer_append(out, result->value.data, result->value.length);
    }
    buffer_append_byte(out, '}');
}

static void put_logs(struct buffer *out, const struct run_result *result)
{
    json_put_name(out, "logs");
    buffer_append_byte(out, '[');
    for (uint32_t i = 0; i < result->log_count; i++) {
        const struct run_log_line *line = &result->logs[i];
        buffer_append_text(out, i > 0 ? ",{" : "{");
        put_member_text(out, "level", plugin_log_level_name(line->level));
        json_put_name(out, "message");
        json_put_string(out, line->message);
        put_member_ms(out, "at_ms", line->at_us);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
    put_member_bool(out, "logs_truncated", result->logs_truncated);
}

void result_json_put_usage(struct buffer *out, const struct run_figures *figures)
{
    buffer_append_byte(out, '{');
    put_member_ms(out, "wall_ms", figures->wall_us);
    put_member_ms(out, "cpu_ms", figures->cpu_us);
    put_member_unsigned(out, "memory_bytes", figures->memory_bytes);
    put_member_unsigned(out, "rss_bytes", figures->rss_bytes);
    json_put_name(out, "instructions");
    if (figures->instructions_counted)
        json_put_unsigned(out, figures->instructions);
    else
        buffer_append_text(out, "null");
    put_member_unsigned(out, "output_bytes", figures->output_bytes);
    put_member_unsigned(out, "log_bytes", figures->log_bytes);
    put_member_ms(out, "queue_ms", figures->queue_us);
    buffer_append_byte(out, '}');
}

void result_json_put_limits(struct buffer *out, const struct run_limits *limits)
{
    buffer_append_byte(out, '{');
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        if (run_limit_table[i].in_result)
            put_member_unsigned(out, run_limit_table[i].name, limits->value[i]);
    buffer_append_byte(out, '}');
}

static void put_audit(struct buffer *out, const struct run_result *result)
{
    if (result->audit_count == 0)
        return;
    json_put_name(out, "audit");
    buffer_append_text(out, "{\"syscalls\":[");
    for (uint32_t i = 0; i < result->audit_count; i++) {
        const char *name = syscall_name(result->audit[i].number);
        buffer_append_text(out, i > 0 ? ",{" : "{");
        put_member_unsigned(out, "number", result->audit[i].number);
        put_member_text(out, "name", name != NULL ? name : "unknown");
        put_member_unsigned(out, "count", result->audit[i].count);
        buffer_append_byte(out, '}');
    }
    buffer_append_text(out, "]}");
}

static void put_origin(struct buffer *out, const struct run_result *result,
                       const struct result_labels *labels)
{
    json_put_name(out, "policy");
    buffer_append_byte(out, '{');
    put_member_text(out, "name", result->policy_name);
    put_member_text(out, "version", result->policy_version);
    buffer_append_byte(out, '}');
    json_put_name(out, "plugin");
    if (labels->plugin_name == NULL) {
        buffer_append_text(out, "null");
    } else {
        buffer_append_byte(out, '{');
        put_member_text(out, "name", labels->plugin_name);
        put_member_text(out, "version", labels->plugin_version);
        buffer_append_byte(out, '}');
    }
    put_member_text(out, "code_sha256", labels->code_sha256);
    put_member_text(out, "trace_id", labels->trace_id);
}

void result_json_put(struct buffer *out, const struct run_result *result, const struct result_labels *labels)
{
    buffer_append_byte(out, '{');
    put_member_text(out, "id", result->run_id);
    put_member_text(out, "status", outcome_name(result->outcome));
    put_member_bool(out, "success", result->outcome == OUTCOME_OK);
    json_put_name(out, "output");
    if (result->outcome == OUTCOME_OK)
        buffer_append(out, result->output.data, result->output.length);
    else
        buffer_append_text(out, "null");
    json_put_name(out, "error");
    result_json_put_error(out, result);
    put_logs(out, result);
    json_put_name(out, "usage");
    result_json_put_usage(out, &result->figures);
    json_put_name(out, "limits");
    result_json_put_limits(out, &result->limits.limits);
    put_origin(out, result, labels);
    put_audit(out, result);
    if (result->profile != NULL) {
        json_put_name(out, "profile");
        profile_json_put(out, result->profile);
    }
    buffer_append_byte(out, '}');
}
