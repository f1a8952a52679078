// SPDX-License-Identifier: Apache-2.0
// The inside of a validation, for the files of this folder only.
#pragma once

#include "validation/validation.h"

struct validation {
    uint32_t module_count;
    char *names[MODULES_MAX];
    bool oversize;         // nothing is given to a worker
    struct buffer context; // what the worker is told: {"policy": ..., "allowed": [...]}
    struct findings findings;
};

// Size, names and encoding of the modules.
void validation_check_modules(struct validation *validation, const struct validation_input *input);
