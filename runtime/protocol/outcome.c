// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/outcome.h"

#include "base/require.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    enum outcome_owner owner;
} outcomes[OUTCOME_COUNT] = {
    [OUTCOME_OK] = {"ok", OWNER_NONE},
    [OUTCOME_PLUGIN_ERROR] = {"plugin_error", OWNER_PLUGIN},
    [OUTCOME_SYNTAX_ERROR] = {"syntax_error", OWNER_PLUGIN},
    [OUTCOME_INVALID_RESULT] = {"invalid_result", OWNER_PLUGIN},
    [OUTCOME_CPU_LIMIT] = {"cpu_limit", OWNER_PLUGIN},
    [OUTCOME_WALL_LIMIT] = {"wall_limit", OWNER_PLUGIN},
    [OUTCOME_MEMORY_LIMIT] = {"memory_limit", OWNER_PLUGIN},
    [OUTCOME_INSTRUCTION_LIMIT] = {"instruction_limit", OWNER_PLUGIN},
    [OUTCOME_OUTPUT_LIMIT] = {"output_limit", OWNER_PLUGIN},
    [OUTCOME_SYSCALL_DENIED] = {"syscall_denied", OWNER_PLUGIN},
    [OUTCOME_CRASHED] = {"crashed", OWNER_PLUGIN},
    [OUTCOME_CANCELLED] = {"cancelled", OWNER_CALLER},
    [OUTCOME_INTERNAL_ERROR] = {"internal_error", OWNER_HOST},
};

static const char *const owners[] = {
    [OWNER_NONE] = NULL,       [OWNER_PLUGIN] = "plugin", [OWNER_CALLER] = "caller",
    [OWNER_POLICY] = "policy", [OWNER_HOST] = "host",
};

const char *outcome_name(enum outcome outcome)
{
    require((unsigned)outcome < OUTCOME_COUNT);
    return outcomes[outcome].name;
}

const char *outcome_owner_name(enum outcome outcome)
{
    require((unsigned)outcome < OUTCOME_COUNT);
    return owners[outcomes[outcome].owner];
}

bool outcome_by_name(const char *name, enum outcome *ret_outcome)
{
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        if (strcmp(outcomes[i].name, name) == 0) {
            *ret_outcome = (enum outcome)i;
            return true;
        }
    }
    return false;
}
