// SPDX-License-Identifier: Apache-2.0
// The JSON form of OTLP: ids are hex, enums are numbers, 64-bit integers are texts.
#include "sandboxd/trace/span.h"

#include "base/json_write.h"
#include "base/redact.h"

#include <inttypes.h>
#include <math.h>
#include <sodium.h>

// Bits of a span's `flags`: the W3C trace flags, and whether the parent was in another process.
enum { FLAG_SAMPLED = 0x01, FLAG_HAS_IS_REMOTE = 0x100, FLAG_IS_REMOTE = 0x200 };

void span_id_make(char ret_id[SPAN_ID_SIZE + 1])
{
    unsigned char random[SPAN_ID_SIZE / 2];
    randombytes_buf(random, sizeof random);
    random[0] |= 1; // all zeros are no id
    sodium_bin2hex(ret_id, SPAN_ID_SIZE + 1, random, sizeof random);
}

static void put_member(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    json_put_text(out, text);
}

static void put_number(struct buffer *out, const char *name, uint64_t number)
{
    json_put_name(out, name);
    json_put_unsigned(out, number);
}

// What a vendor or a caller put there may be anything.
static void put_redacted(struct buffer *out, const char *text)
{
    struct buffer clean = buffer_make(SIZE_MAX);
    redact_put(&clean, bytes_of_text(text));
    json_put_string(out, bytes_of(clean.data, clean.length));
    out->failed |= !buffer_ok(&clean);
    buffer_free(&clean);
}

void span_open(struct buffer *out, const struct span_head *head)
{
    buffer_append_byte(out, '{');
    put_member(out, "traceId", head->trace_id);
    put_member(out, "spanId", head->span_id);
    if (head->trace_state[0] != '\0') {
        json_put_name(out, "traceState");
        put_redacted(out, head->trace_state);
    }
    if (head->parent_span_id[0] != '\0')
        put_member(out, "parentSpanId", head->parent_span_id);
    put_number(out, "flags",
               FLAG_SAMPLED | FLAG_HAS_IS_REMOTE | (head->parent_is_remote ? FLAG_IS_REMOTE : 0));
    put_member(out, "name", head->name);
    put_number(out, "kind", head->kind);
    buffer_printf(out, ",\"startTimeUnixNano\":\"%" PRIu64 "\",\"endTimeUnixNano\":\"%" PRIu64 "\"",
                  head->start_unix_ns, head->end_unix_ns);
    json_put_name(out, "attributes");
    buffer_append_byte(out, '[');
}

static void open_attribute(struct buffer *out, const char *key, const char *type)
{
    if (out->length > 0 && out->data[out->length - 1] != '[')
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '{');
    put_member(out, "key", key);
    json_put_name(out, "value");
    buffer_append_byte(out, '{');
    json_put_name(out, type);
}

static void close_attribute(struct buffer *out)
{
    buffer_append_text(out, "}}");
}

void span_attribute_text(struct buffer *out, const char *key, const char *value)
{
    open_attribute(out, key, "stringValue");
    put_redacted(out, value);
    close_attribute(out);
}

void span_text(struct buffer *out, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        span_attribute_text(out, key, value);
}

void span_integer(struct buffer *out, const char *key, int64_t value)
{
    open_attribute(out, key, "intValue");
    buffer_printf(out, "\"%" PRId64 "\"", value);
    close_attribute(out);
}

void span_bool(struct buffer *out, const char *key, bool value)
{
    open_attribute(out, key, "boolValue");
    buffer_append_text(out, value ? "true" : "false");
    close_attribute(out);
}

void span_double(struct buffer *out, const char *key, double value)
{
    if (!isfinite(value))
        return;
    open_attribute(out, key, "doubleValue");
    json_put_double(out, value);
    close_attribute(out);
}

void span_close(struct buffer *out, enum span_status status, const char *message,
                const struct trace_caller *link)
{
    buffer_append_byte(out, ']');
    if (link != NULL && link->trace_id[0] != '\0') {
        buffer_append_text(out, ",\"links\":[{");
        put_member(out, "traceId", link->trace_id);
        put_member(out, "spanId", link->span_id);
        put_number(out, "flags", (link->sampled ? FLAG_SAMPLED : 0) | FLAG_HAS_IS_REMOTE | FLAG_IS_REMOTE);
        buffer_append_text(out, "}]");
    }
    json_put_name(out, "status");
    buffer_append_byte(out, '{');
    if (status != SPAN_UNSET)
        put_number(out, "code", status);
    if (message != NULL && message[0] != '\0')
        put_member(out, "message", message);
    buffer_append_text(out, "}}");
}
