// SPDX-License-Identifier: Apache-2.0
// What was found, gathered from our own checks and from what the validator's worker wrote. One thread at a
// time.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "validation/codes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FINDINGS_MAX = 2000, FINDING_TEXT_MAX = 1024 };

struct finding {
    enum validation_code code;
    uint32_t module;     // from 1, in the order of the modules; 0: the manifest
    uint32_t line;       // from 1; 0: it has no place
    uint32_t column;     // from 1, in characters; 0: not known, and neither is end_column
    uint32_t end_column; // the one after the last
    char *message;       // valid UTF-8
};

struct findings {
    struct finding *items;
    size_t count;
    size_t capacity;
    uint64_t omitted; // found, and not kept
    bool incomplete;  // no memory for all that was found
};

void findings_free(struct findings *findings);
void findings_add(struct findings *findings, const struct finding *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Takes over what a worker wrote (runtime/lua/validate.h), which is hostile: text of any other form than
// ours, unknown codes, modules that are not there and columns without a line are refused as a whole, and
// nothing is added. Memory that ran out is not its fault: that only marks the findings incomplete.
bool findings_read(struct findings *findings, struct bytes output, uint32_t module_count);
// By module, line, column, code and message.
void findings_sort(struct findings *findings);
// True if an error is among them, or might be: also when some were lost for want of memory.
bool findings_any_error(const struct findings *findings);
