// SPDX-License-Identifier: Apache-2.0
#include "validation/codes.h"

const struct validation_code_info validation_code_table[VALIDATION_CODE_COUNT] = {
#define VALIDATION_CODE(id, name_, severity_) \
    [VALIDATION_CODE_##id] = {.name = name_, .severity = VALIDATION_##severity_},
#include "validation/codes.def"
#undef VALIDATION_CODE
};

bool validation_code_by_name(struct bytes name, enum validation_code *ret_code)
{
    for (unsigned i = 0; i < VALIDATION_CODE_COUNT; i++) {
        if (bytes_equal_text(name, validation_code_table[i].name)) {
            *ret_code = (enum validation_code)i;
            return true;
        }
    }
    return false;
}

const char *validation_severity_name(enum validation_severity severity)
{
    return severity == VALIDATION_ERROR ? "error" : "warning";
}
