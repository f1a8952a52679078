// SPDX-License-Identifier: Apache-2.0
// W3C Trace Context: reading a caller's `traceparent` and writing ours. Any thread.
#pragma once

#include <stdbool.h>

enum { TRACE_ID_SIZE = 32, SPAN_ID_SIZE = 16, TRACEPARENT_SIZE = 55 };

struct trace_context {
    char trace_id[TRACE_ID_SIZE + 1];      // lower-case hex
    char span_id[SPAN_ID_SIZE + 1];        // ours, for this request
    char parent_span_id[SPAN_ID_SIZE + 1]; // the caller's; "" if it sent none
    bool sampled;                          // the caller's flag; false without one
};

// Goes on with the caller's trace if `traceparent` (may be NULL) is well-formed, else starts a new one.
void trace_context_begin(struct trace_context *trace, const char *traceparent);
// "00-<trace>-<span>-<flags>" and a NUL.
void trace_context_format(const struct trace_context *trace, char text[TRACEPARENT_SIZE + 1]);
