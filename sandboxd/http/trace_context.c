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
static bool read_parent(struct trace_context *trace, const char *text)
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
    memcpy(trace->trace_id, text + 3, TRACE_ID_SIZE);
    trace->trace_id[TRACE_ID_SIZE] = '\0';
    memcpy(trace->parent_span_id, text + 36, SPAN_ID_SIZE);
    trace->parent_span_id[SPAN_ID_SIZE] = '\0';
    trace->sampled = (flags_low & 1) != 0;
    return true;
}

void trace_context_begin(struct trace_context *trace, const char *traceparent)
{
    unsigned char random[TRACE_ID_SIZE / 2 + SPAN_ID_SIZE / 2];
    randombytes_buf(random, sizeof(random));
    random[0] |= 1; // neither id may be all zero
    random[TRACE_ID_SIZE / 2] |= 1;
    sodium_bin2hex(trace->span_id, sizeof(trace->span_id), random + TRACE_ID_SIZE / 2, SPAN_ID_SIZE / 2);
    if (traceparent != NULL && read_parent(trace, traceparent))
        return;
    sodium_bin2hex(trace->trace_id, sizeof(trace->trace_id), random, TRACE_ID_SIZE / 2);
    trace->parent_span_id[0] = '\0';
    trace->sampled = false;
}

void trace_context_format(const struct trace_context *trace, char text[TRACEPARENT_SIZE + 1])
{
    memcpy(text, "00-", 3);
    memcpy(text + 3, trace->trace_id, TRACE_ID_SIZE);
    text[35] = '-';
    memcpy(text + 36, trace->span_id, SPAN_ID_SIZE);
    memcpy(text + 52, trace->sampled ? "-01" : "-00", 4);
}
