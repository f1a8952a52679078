// SPDX-License-Identifier: Apache-2.0
// The limits of one run, in one order for C, JSON, the wire and the result. 0 means no limit for
// `instructions` only; every other limit is always in force.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum run_limit {
    LIMIT_WALL_MS,
    LIMIT_CPU_MS,
    LIMIT_MEMORY_BYTES,
    LIMIT_INSTRUCTIONS,
    LIMIT_OUTPUT_BYTES,
    LIMIT_LOG_BYTES,
    LIMIT_CODE_BYTES,    // checked by the daemon before a run is admitted
    LIMIT_CONTEXT_BYTES, // likewise
    LIMIT_JSON_DEPTH,    // of context and output
    RUN_LIMIT_COUNT,
};

// A call stack may outgrow the memory limit for a moment, until a collection has had its chance: by no more
// than the limit itself, and never by more than this. In bytes, somewhat above the largest stack that Lua
// makes.
enum { STACK_OVERDRAFT_MAX = 17 << 20 };

struct run_limits {
    uint64_t value[RUN_LIMIT_COUNT];
};

enum limit_unit { UNIT_MS, UNIT_BYTES, UNIT_COUNT };

// What a limit is called, counts in, and may be. The minimum and maximum bound every policy and request.
struct run_limit_info {
    const char *name; // "wall_ms"
    enum limit_unit unit;
    uint64_t minimum;
    uint64_t maximum;
    bool zero_is_unlimited; // then 0 is allowed besides minimum..maximum
    bool in_result;         // shown in a run's "limits" (api.md shows the first six)
};

extern const struct run_limit_info run_limit_table[RUN_LIMIT_COUNT];

// Finds a limit by name; false when there is none.
bool run_limit_by_name(const char *name, size_t length, enum run_limit *ret_limit);

// Whether every limit is within its bounds.
bool run_limits_valid(const struct run_limits *limits);

// A validation has limits of its own, all of them: a policy's are meant for what plugins do.
void limits_for_validation(struct run_limits *limits);

// Who lowered or raised a limit to its value.
enum limit_origin { ORIGIN_POLICY, ORIGIN_PLAN, ORIGIN_PLUGIN, ORIGIN_REQUEST };
const char *limit_origin_name(enum limit_origin origin); // "policy", "plan", "plugin", "request"
