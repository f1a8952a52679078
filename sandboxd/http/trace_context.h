// SPDX-License-Identifier: Apache-2.0
// W3C Trace Context: reading a caller's `traceparent` and `tracestate`, and writing ours. Any thread.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <stdbool.h>

enum { TRACE_ID_SIZE = 32, SPAN_ID_SIZE = 16, TRACEPARENT_SIZE = 55 };

// What a caller said of its own span.
struct trace_caller {
    char trace_id[TRACE_ID_SIZE + 1]; // lower-case hex; "": it said nothing that is well-formed
    char span_id[SPAN_ID_SIZE + 1];
    bool sampled;
};

struct trace_context {
    char trace_id[TRACE_ID_SIZE + 1]; // lower-case hex
    char span_id[SPAN_ID_SIZE + 1];   // ours, for this request
    bool sampled;                     // our decision: the request's spans are kept
    bool has_parent;                  // this is the caller's trace, gone on with; else `caller` is but a link
    struct trace_caller caller;
};

// Starts a new trace, which remembers what the caller said in `traceparent` (may be NULL).
void trace_context_begin(struct trace_context *trace, const char *traceparent);
// Goes on with the caller's trace, if it named one. Only for callers whom one trusts with a say in what is
// kept.
void trace_context_adopt(struct trace_context *trace);
// "00-<trace>-<span>-<flags>" and a NUL.
void trace_context_format(const struct trace_context *trace, char text[TRACEPARENT_SIZE + 1]);

enum { TRACESTATE_MEMBERS_MAX = 32, TRACESTATE_BYTES_MAX = 2048 };
// Joins one more `tracestate` header field to those before it. A list that breaks the rules makes `state`
// fail: it is then dropped as a whole.
void trace_state_add(struct buffer *state, struct bytes field);
