// SPDX-License-Identifier: Apache-2.0
// Faults of documents, all of them at once: file, line, column, JSON pointer, what is wrong and what to do.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

struct diagnostic {
    char *file;    // as it was named by the caller, or "request"
    unsigned line; // from 1; 0 if the fault has no place
    unsigned column;
    char *pointer; // RFC 6901: "/limits/cpu_ms", "" for the whole document
    char *message; // what is wrong, what was expected, and "did you mean" where a name is close
};

enum { DIAGNOSTICS_MAX = 1000 };

struct diagnostics {
    struct diagnostic *items;
    size_t count;
    size_t capacity;
    bool incomplete; // there were more than DIAGNOSTICS_MAX, or memory ran out: some are lost
};

// True if any fault was added, also one that was lost.
static inline bool diagnostics_any(const struct diagnostics *diagnostics)
{
    return diagnostics->count > 0 || diagnostics->incomplete;
}

void diagnostics_init(struct diagnostics *diagnostics);
void diagnostics_free(struct diagnostics *diagnostics);
void diagnostics_add(struct diagnostics *diagnostics, const char *file, unsigned line, unsigned column,
                     const char *pointer, const char *format, ...) __attribute__((format(printf, 6, 7)));
// By file, line and column.
void diagnostics_sort(struct diagnostics *diagnostics);
