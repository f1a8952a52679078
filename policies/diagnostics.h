// SPDX-License-Identifier: Apache-2.0
// Faults of documents, all of them at once: file, line, column, JSON pointer, what is wrong and what to do.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

// The file of a fault of a request's own body: nobody but the caller has a name for it.
#define DIAGNOSTIC_REQUEST "request"

struct diagnostic {
    char *file;    // as it was named by the caller; DIAGNOSTIC_REQUEST for what came in a request
    unsigned line; // from 1; 0 if the fault has no place
    unsigned column;
    char *pointer; // RFC 6901: "/limits/cpu_ms", "" for the whole document
    char *message; // what is wrong, what was expected, and "did you mean" where a name is close
};

enum { DIAGNOSTICS_MAX = 1000, DIAGNOSTIC_TEXT_SIZE = 900 };

struct diagnostics {
    struct diagnostic *items;
    size_t count;
    size_t capacity;
    size_t told;     // in all; more than `count` when some are lost
    bool incomplete; // there were more than DIAGNOSTICS_MAX, or memory ran out: some are lost
    bool exhausted;  // memory ran out: the document may be good
};

// True if any fault was added, also one that was lost.
static inline bool diagnostics_any(const struct diagnostics *diagnostics)
{
    return diagnostics->told > 0;
}

void diagnostics_init(struct diagnostics *diagnostics);
void diagnostics_free(struct diagnostics *diagnostics);
// A `pointer` of NULL, which there was no memory for, counts as the whole document.
void diagnostics_add(struct diagnostics *diagnostics, const char *file, unsigned line, unsigned column,
                     const char *pointer, const char *format, ...) __attribute__((format(printf, 6, 7)));
// One more, which is not listed.
void diagnostics_lose(struct diagnostics *diagnostics);
// There is no memory to read `file`: that is a fault, and not the document's.
void diagnostics_exhaust(struct diagnostics *diagnostics, const char *file);
// Faults of the file `from` become faults of `to`.
void diagnostics_rename(struct diagnostics *diagnostics, const char *from, const char *to);
// By file, line and column.
void diagnostics_sort(struct diagnostics *diagnostics);
// The one form that a fault has as a line of text: "gold.json:3:14: /extends: there is no policy ...". What
// does not apply is left out, and what does not fit is cut off.
void diagnostic_format(const struct diagnostic *item, char text[DIAGNOSTIC_TEXT_SIZE]);
// Appends the one form that faults have in every answer and in the command line's JSON:
// [{"file", "line", "column", "pointer", "detail"}]. What does not apply is absent: the place where there is
// none, the file where the fault is in the request.
void diagnostics_put(struct buffer *out, const struct diagnostics *diagnostics);
