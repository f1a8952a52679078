// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/run_record.h"

#include "base/clock.h"
#include "base/json_cursor.h"
#include "base/json_write.h"
#include "base/syscall_names.h"
#include "runtime/engine/result_json.h"
#include "sandboxd/store/run_secrets.h"

#include <inttypes.h>
#include <string.h>

// Cut between characters; what is no UTF-8 is left out whole, since the store takes text only.
static void copy_text(char *out, size_t size, struct bytes text)
{
    size_t length = text.length < size ? text.length : size - 1;
    while (length > 0 && length < text.length && ((unsigned char)text.data[length] & 0xC0) == 0x80)
        length--;
    if (length > 0 && utf8_valid(bytes_of(text.data, length)))
        memcpy(out, text.data, length);
    else
        length = 0;
    out[length] = '\0';
}

// Redacted before it is cut: half a secret is not found.
static void copy_redacted(char *out, size_t size, struct bytes text, struct bytes context)
{
    struct buffer clean = buffer_make(SIZE_MAX);
    run_secrets_redact(&clean, text, context);
    copy_text(out, size, buffer_ok(&clean) ? bytes_of(clean.data, clean.length) : bytes_of("", 0));
    buffer_free(&clean);
}

// Whether `name` may be written in the context, which is JSON: what JSON may write otherwise counts as found.
static bool may_be_in(struct bytes context, struct bytes name)
{
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.data[i] < ' ' || (unsigned char)name.data[i] >= 0x7f ||
            strchr("\"\\/", name.data[i]) != NULL)
            return true;
    return memmem(context.data, context.length, name.data, name.length) != NULL;
}

// A chunk's name, or a function's, may be made of the context, too. A place is no room for a note: where the
// context is too large to be searched for secrets, a name that could be of it is as if it were unknown.
static void copy_name(char *out, size_t size, struct bytes name, struct bytes context)
{
    bool searched = context.length <= RUN_CONTEXT_SEARCHED_MAX;
    if (searched || !may_be_in(context, name))
        copy_redacted(out, size, name, searched ? context : bytes_of("", 0));
    else
        copy_text(out, size, bytes_of_text("?"));
}

static void take_where(struct run_record *record, const struct run_result *result, struct bytes context)
{
    for (uint32_t i = 0; i < result->traceback_count; i++) {
        const struct stack_frame *frame = &result->traceback[i];
        if (frame->line == 0)
            continue;
        copy_name(record->source, sizeof record->source, frame->source, context);
        copy_name(record->function, sizeof record->function, frame->function, context);
        record->line = frame->line;
        return;
    }
}

void run_record_take(struct run_record *record, const struct run_result *result, struct bytes context)
{
    *record = (struct run_record){
        .outcome = result->outcome,
        .figures = result->figures,
        .limits = result->limits.limits,
        .limit_hit = result->limit_hit,
        .limit = result->limit,
        .limit_observed = result->limit_observed_us_or_bytes,
        .syscall_known = result->syscall_known,
        .syscall_number = result->syscall_number,
    };
    if (result->limit_hit)
        record->limit_set_by = result->limits.set_by[result->limit];
    copy_text(record->id, sizeof record->id, bytes_of_text(result->run_id));
    copy_text(record->policy, sizeof record->policy, bytes_of_text(result->policy_name));
    copy_text(record->policy_version, sizeof record->policy_version, bytes_of_text(result->policy_version));
    copy_redacted(record->message, sizeof record->message, bytes_of_text(result->message), context);
    take_where(record, result, context);
}

static int hex_value(char digit)
{
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

int64_t run_id_unix_ms(const char *id)
{
    int64_t ms = 0;
    for (unsigned i = 0; i < 13; i++)
        if (id[i] != '-')
            ms = ms * 16 + hex_value(id[i]);
    return ms;
}

void run_first_id(int64_t unix_ms, unsigned char ret_id[RUN_ID_BYTES])
{
    memset(ret_id, 0, RUN_ID_BYTES);
    for (int i = 0; i < 6; i++)
        ret_id[i] = (unsigned char)((uint64_t)unix_ms >> (40 - 8 * i));
}

static void put_text(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    if (text[0])
        json_put_text(out, text);
    else
        buffer_append_text(out, "null");
}

static void put_where(struct buffer *out, const struct run_record *record)
{
    json_put_name(out, "where");
    buffer_append_byte(out, '{');
    put_text(out, "source", record->source);
    json_put_name(out, "line");
    json_put_unsigned(out, record->line);
    if (record->function[0])
        put_text(out, "function", record->function);
    buffer_append_byte(out, '}');
}

static void put_limit(struct buffer *out, const struct run_record *record)
{
    const struct run_limit_info *info = &run_limit_table[record->limit];
    json_put_name(out, "limit");
    buffer_append_byte(out, '{');
    put_text(out, "name", info->name);
    json_put_name(out, "value");
    json_put_unsigned(out, record->limits.value[record->limit]);
    json_put_name(out, "observed");
    if (info->unit == UNIT_MS)
        json_put_ms_from_us(out, record->limit_observed);
    else
        json_put_unsigned(out, record->limit_observed);
    put_text(out, "set_by", limit_origin_name(record->limit_set_by));
    buffer_append_byte(out, '}');
}

static void put_error(struct buffer *out, const struct run_record *record)
{
    json_put_name(out, "error");
    if (record->outcome == OUTCOME_OK) {
        buffer_append_text(out, "null");
        return;
    }
    buffer_append_byte(out, '{');
    put_text(out, "type", outcome_name(record->outcome));
    put_text(out, "owner", outcome_owner_name(record->outcome));
    json_put_name(out, "message");
    json_put_text(out, record->message);
    if (record->line > 0)
        put_where(out, record);
    if (record->limit_hit)
        put_limit(out, record);
    if (record->syscall_known) {
        const char *name = syscall_name(record->syscall_number);
        json_put_name(out, "syscall");
        buffer_printf(out, "{\"number\":%" PRIu32 ",\"name\":\"%s\"}", record->syscall_number,
                      name ? name : "unknown");
    }
    buffer_append_byte(out, '}');
}

static void put_pair(struct buffer *out, const char *name, const char *of, const char *version)
{
    json_put_name(out, name);
    if (!of[0]) {
        buffer_append_text(out, "null");
        return;
    }
    buffer_append_byte(out, '{');
    put_text(out, "name", of);
    put_text(out, "version", version);
    buffer_append_byte(out, '}');
}

void run_record_put(struct buffer *out, const struct run_record *record)
{
    char started[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(run_id_unix_ms(record->id), started);
    buffer_append_byte(out, '{');
    put_text(out, "id", record->id);
    put_text(out, "started_at", started);
    put_text(out, "status", outcome_name(record->outcome));
    json_put_name(out, "success");
    buffer_append_text(out, record->outcome == OUTCOME_OK ? "true" : "false");
    put_error(out, record);
    json_put_name(out, "usage");
    result_json_put_usage(out, &record->figures);
    json_put_name(out, "limits");
    result_json_put_limits(out, &record->limits);
    put_pair(out, "policy", record->policy, record->policy_version);
    put_pair(out, "plugin", record->plugin, record->plugin_version);
    put_text(out, "tenant", record->tenant);
    put_text(out, "plan", record->plan);
    json_put_name(out, "cost_micros");
    json_put_unsigned(out, record->cost_micros);
    put_text(out, "code_sha256", record->code_sha256);
    put_text(out, "trace_id", record->trace_id);
    buffer_append_byte(out, '}');
}
