// SPDX-License-Identifier: Apache-2.0
// A policy and plugins for the tests of this folder.
#pragma once

#include "validation/validation.h"

#include <stdio.h>
#include <string.h>

static inline struct policy fixture_validation_policy(void)
{
    struct policy policy = {.references = 1, .name = "tested", .version = "1"};
    memset(policy.lua_allowed, true, sizeof policy.lua_allowed);
    policy.limits.value[LIMIT_CODE_BYTES] = 1000;
    return policy;
}

static inline void fixture_module(struct validation_input *input, const char *name, struct bytes code)
{
    input->modules[input->module_count++] = (struct job_module){.name = bytes_of_text(name), .code = code};
}
