// SPDX-License-Identifier: Apache-2.0
// What a validation may find, by name. The one table is codes.def. Any thread.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

enum validation_severity { VALIDATION_ERROR, VALIDATION_WARNING };

enum validation_code {
#define VALIDATION_CODE(id, name, severity) VALIDATION_CODE_##id,
#include "validation/codes.def"
#undef VALIDATION_CODE
    VALIDATION_CODE_COUNT,
};

struct validation_code_info {
    const char *name; // "forbidden_global"
    enum validation_severity severity;
};

extern const struct validation_code_info validation_code_table[VALIDATION_CODE_COUNT];

bool validation_code_by_name(struct bytes name, enum validation_code *ret_code);
const char *validation_severity_name(enum validation_severity severity); // "error", "warning"
