// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/trace_context.h"

#include <sodium.h>
#include <string.h>

// `length` lower-case hex digits, not all of them zero.
static bool id_valid(const char *text, unsigned length)
{
    bool any = false;
    for (unsigned i = 0; i < length; i++) {
        char c = text[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        any |= c != '0';
    }
    return any;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// version "-" trace-id "-" parent-id "-" flags; a version above 00 may carry more after another "-".
static bool read_caller(struct trace_caller *caller, const char *text)
{
    size_t length = strlen(text);
    if (length < TRACEPARENT_SIZE || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return false;
    int version_high = hex_digit(text[0]), version_low = hex_digit(text[1]);
    int flags_high = hex_digit(text[53]), flags_low = hex_digit(text[54]);
    if (version_high < 0 || version_low < 0 || flags_high < 0 || flags_low < 0)
        return false;
    int version = version_high * 16 + version_low;
    if (version == 0xff || (version == 0 && length != TRACEPARENT_SIZE))
        return false;
    if (length > TRACEPARENT_SIZE && text[TRACEPARENT_SIZE] != '-')
        return false;
    if (!id_valid(text + 3, TRACE_ID_SIZE) || !id_valid(text + 36, SPAN_ID_SIZE))
        return false;
    memcpy(caller->trace_id, text + 3, TRACE_ID_SIZE);
    memcpy(caller->span_id, text + 36, SPAN_ID_SIZE);
    caller->sampled = (flags_low & 1) != 0;
    return true;
}

void trace_context_begin(struct trace_context *trace, const char *traceparent)
{
    unsigned char random[TRACE_ID_SIZE / 2 + SPAN_ID_SIZE / 2];
    randombytes_buf(random, sizeof(random));
    random[0] |= 1; // neither id may be all zero
    random[TRACE_ID_SIZE / 2] |= 1;
    *trace = (struct trace_context){.sampled = false};
    sodium_bin2hex(trace->trace_id, sizeof(trace->trace_id), random, TRACE_ID_SIZE / 2);
    sodium_bin2hex(trace->span_id, sizeof(trace->span_id), random + TRACE_ID_SIZE / 2, SPAN_ID_SIZE / 2);
    if (traceparent != NULL)
        read_caller(&trace->caller, traceparent);
}

void trace_context_adopt(struct trace_context *trace)
{
    if (trace->caller.trace_id[0] == '\0')
        return;
    memcpy(trace->trace_id, trace->caller.trace_id, sizeof(trace->trace_id));
    trace->has_parent = true;
}

void trace_context_format(const struct trace_context *trace, char text[TRACEPARENT_SIZE + 1])
{
    memcpy(text, "00-", 3);
    memcpy(text + 3, trace->trace_id, TRACE_ID_SIZE);
    text[35] = '-';
    memcpy(text + 36, trace->span_id, SPAN_ID_SIZE);
    memcpy(text + 52, trace->sampled ? "-01" : "-00", 4);
}

static bool is_key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("_-*/@", c) != NULL);
}

// key "=" value, as section 3.3 of the recommendation has them.
static bool member_valid(struct bytes member)
{
    size_t key = 0;
    while (key < member.length && is_key_byte(member.data[key]))
        key++;
    if (key == 0 || key > 256 || key == member.length || member.data[key] != '=' ||
        strchr("_-*/@", member.data[0]) != NULL)
        return false;
    size_t value = member.length - key - 1;
    for (size_t i = key + 1; i < member.length; i++)
        if (member.data[i] < ' ' || member.data[i] > '~' || member.data[i] == '=')
            return false;
    return value >= 1 && value <= 256;
}

static unsigned members_of(const struct buffer *state)
{
    unsigned count = state->length > 0;
    for (size_t i = 0; i < state->length; i++)
        count += state->data[i] == ',';
    return count;
}

static struct bytes trimmed(struct bytes text)
{
    while (text.length > 0 && strchr(" \t", text.data[0]) != NULL)
        text = bytes_of(text.data + 1, text.length - 1);
    while (text.length > 0 && strchr(" \t", text.data[text.length - 1]) != NULL)
        text.length--;
    return text;
}

void trace_state_add(struct buffer *state, struct bytes field)
{
    while (field.length > 0 && buffer_ok(state)) {
        const char *comma = memchr(field.data, ',', field.length);
        size_t length = comma != NULL ? (size_t)(comma - field.data) : field.length;
        struct bytes member = trimmed(bytes_of(field.data, length));
        size_t used = comma != NULL ? length + 1 : length;
        field = bytes_of(field.data + used, field.length - used);
        if (member.length == 0)
            continue; // allowed, and means nothing
        if (!member_valid(member) || members_of(state) == TRACESTATE_MEMBERS_MAX) {
            state->failed = true;
            return;
        }
        if (state->length > 0)
            buffer_append_byte(state, ',');
        buffer_append(state, member.data, member.length);
    }
}
