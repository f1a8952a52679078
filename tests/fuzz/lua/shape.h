// SPDX-License-Identifier: Apache-2.0
// Where the statements, expressions and declared names of a Lua text are. A reader for mutations: it takes
// what Lua takes and a little more, and of a text that is not Lua it gives what came before the fault.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum span_kind { SPAN_STATEMENT, SPAN_EXPRESSION, SPAN_NAME, SPAN_KINDS };

enum { SPANS_MAX = 6000 };

struct span {
    enum span_kind kind;
    uint32_t from, to; // bytes of the text
};

struct shape {
    struct bytes text;
    unsigned count;
    unsigned counts[SPAN_KINDS];
    struct span spans[SPANS_MAX];
};

void shape_read(struct shape *shape, struct bytes text);
// The `index`-th span of a kind, below counts[kind].
const struct span *shape_span(const struct shape *shape, enum span_kind kind, unsigned index);

static inline struct bytes span_text(const struct shape *shape, const struct span *span)
{
    return bytes_of(shape->text.data + span->from, span->to - span->from);
}
