// SPDX-License-Identifier: Apache-2.0
// What the files of the reader share: the document being read, and where its faults go. Private to policies/.
#pragma once

#include "policies/policy_document.h"

struct reader {
    const char *file;
    struct diagnostics *diagnostics;
    struct policy_document *document;
};

// Adds a fault at `at`. Names `pointer` may be NULL when memory ran out.
void reader_fault(struct reader *reader, struct place at, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// reader_lists.c: the three kinds of lists. `node` is the member's value, of any kind.
void reader_take_list(struct reader *reader, enum policy_member member, const struct node *node);
