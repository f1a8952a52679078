// SPDX-License-Identifier: Apache-2.0
// How a plugin ended: one set of names for C, JSON, the command line, logs and metrics, and who owns a
// failure. The table of docs/openapi.yaml and of the README says when each is given.
#pragma once

#include <stdbool.h>

enum outcome {
    OUTCOME_OK,
    OUTCOME_PLUGIN_ERROR,
    OUTCOME_SYNTAX_ERROR,
    OUTCOME_INVALID_RESULT,
    OUTCOME_CPU_LIMIT,
    OUTCOME_WALL_LIMIT,
    OUTCOME_MEMORY_LIMIT,
    OUTCOME_INSTRUCTION_LIMIT,
    OUTCOME_OUTPUT_LIMIT,
    OUTCOME_SYSCALL_DENIED,
    OUTCOME_CRASHED,
    OUTCOME_CANCELLED,
    OUTCOME_INTERNAL_ERROR,
    OUTCOME_COUNT,
};

enum outcome_owner { OWNER_NONE, OWNER_PLUGIN, OWNER_CALLER, OWNER_POLICY, OWNER_HOST };

// "ok", "plugin_error", ... Never NULL for a value below OUTCOME_COUNT.
const char *outcome_name(enum outcome outcome);
// "plugin", "caller", "policy", "host"; NULL for OUTCOME_OK, which nobody has to answer for.
const char *outcome_owner_name(enum outcome outcome);
// Finds an outcome by its name; false when there is none.
bool outcome_by_name(const char *name, enum outcome *ret_outcome);
