// SPDX-License-Identifier: Apache-2.0
// One finished span as a piece of OTLP/HTTP JSON. Any thread.
#pragma once

#include "base/buffer.h"
#include "sandboxd/http/trace_context.h"

#include <stdint.h>

// As OTLP numbers them.
enum span_kind { SPAN_INTERNAL = 1, SPAN_SERVER = 2 };
enum span_status { SPAN_UNSET = 0, SPAN_ERROR = 2 };

struct span_head {
    const char *trace_id;
    const char *span_id;
    const char *parent_span_id; // "": a root
    bool parent_is_remote;
    const char *trace_state; // "": none
    const char *name;
    enum span_kind kind;
    uint64_t start_unix_ns, end_unix_ns;
};

void span_id_make(char ret_id[SPAN_ID_SIZE + 1]);

// Opens a span in `out`: attributes follow, then span_close.
void span_open(struct buffer *out, const struct span_head *head);
void span_text(struct buffer *out, const char *key, const char *value); // nothing for NULL and ""
void span_integer(struct buffer *out, const char *key, int64_t value);
void span_bool(struct buffer *out, const char *key, bool value);
void span_double(struct buffer *out, const char *key, double value);
// `message` and `link` may be NULL.
void span_close(struct buffer *out, enum span_status status, const char *message,
                const struct trace_caller *link);
// An attribute by itself, as resources have them too.
void span_attribute_text(struct buffer *out, const char *key, const char *value);
