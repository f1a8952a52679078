// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/limits.h"

#include "base/require.h"

#include <string.h>

#define KIB 1024ULL
#define MIB (1024ULL * KIB)
#define GIB (1024ULL * MIB)

// The bounds are ours: an hour of time, what RLIMIT_AS and a frame can carry, and depths that the JSON
// cursor keeps without allocating.
const struct run_limit_info run_limit_table[RUN_LIMIT_COUNT] = {
    [LIMIT_WALL_MS] = {"wall_ms", UNIT_MS, 1, 3600000, false, true},
    [LIMIT_CPU_MS] = {"cpu_ms", UNIT_MS, 1, 3600000, false, true},
    [LIMIT_MEMORY_BYTES] = {"memory_bytes", UNIT_BYTES, 1 * MIB, 4 * GIB, false, true},
    [LIMIT_INSTRUCTIONS] = {"instructions", UNIT_COUNT, 1, 1000000000000000ULL, true, true},
    [LIMIT_OUTPUT_BYTES] = {"output_bytes", UNIT_BYTES, 1, 64 * MIB, false, true},
    [LIMIT_LOG_BYTES] = {"log_bytes", UNIT_BYTES, 0, 16 * MIB, false, true},
    [LIMIT_CODE_BYTES] = {"code_bytes", UNIT_BYTES, 1, 8 * MIB, false, false},
    [LIMIT_CONTEXT_BYTES] = {"context_bytes", UNIT_BYTES, 1, 64 * MIB, false, false},
    [LIMIT_JSON_DEPTH] = {"json_depth", UNIT_COUNT, 1, 1000, false, false},
};

bool run_limit_by_name(const char *name, size_t length, enum run_limit *ret_limit)
{
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        if (strlen(run_limit_table[i].name) == length && memcmp(run_limit_table[i].name, name, length) == 0) {
            *ret_limit = (enum run_limit)i;
            return true;
        }
    }
    return false;
}

bool run_limits_valid(const struct run_limits *limits)
{
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        const struct run_limit_info *info = &run_limit_table[i];
        uint64_t value = limits->value[i];
        bool unlimited = value == 0 && info->zero_is_unlimited;
        if (!unlimited && (value < info->minimum || value > info->maximum))
            return false;
    }
    return true;
}

void limits_for_validation(struct run_limits *limits)
{
    // Half a megabyte of odd source takes some five seconds and 120 MiB.
    *limits = (struct run_limits){{
        [LIMIT_WALL_MS] = 30000,
        [LIMIT_CPU_MS] = 10000,
        [LIMIT_MEMORY_BYTES] = 256 * MIB,
        [LIMIT_OUTPUT_BYTES] = 1 * MIB,
        [LIMIT_CODE_BYTES] = run_limit_table[LIMIT_CODE_BYTES].maximum,
        [LIMIT_CONTEXT_BYTES] = 64 * KIB,
        [LIMIT_JSON_DEPTH] = 16,
    }};
}

const char *limit_origin_name(enum limit_origin origin)
{
    static const char *const names[] = {
        [ORIGIN_POLICY] = "policy",
        [ORIGIN_PLAN] = "plan",
        [ORIGIN_PLUGIN] = "plugin",
        [ORIGIN_REQUEST] = "request",
    };
    require((unsigned)origin < sizeof names / sizeof *names);
    return names[origin];
}
