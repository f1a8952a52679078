// SPDX-License-Identifier: Apache-2.0
// Samples gathered into a profile: functions, call stacks and lines, each found by a hash table of fixed
// size. Nothing here allocates, and what no longer fits is told as `truncated`. Worker only.
#pragma once

#include "runtime/protocol/profile.h"

#include <lua.h>

enum {
    PROFILE_FUNCTION_SLOTS = 2 * PROFILE_FUNCTIONS_MAX,
    PROFILE_NODE_SLOTS = 2 * PROFILE_NODES_MAX,
    PROFILE_LINE_SLOTS = 2 * PROFILE_LINES_MAX,
    PROFILE_NO_INDEX = UINT32_MAX, // what did not fit
};

struct profile_table {
    struct profile profile;
    uint64_t function_ids[PROFILE_FUNCTIONS_MAX];
    uint32_t line_marks[PROFILE_LINES_MAX]; // the last stack that counted for a line's total
    uint32_t stacks;                        // added so far
    // 1 + index; 0 is free.
    uint16_t function_slots[PROFILE_FUNCTION_SLOTS];
    uint16_t node_slots[PROFILE_NODE_SLOTS];
    uint16_t line_slots[PROFILE_LINE_SLOTS];
    char names[PROFILE_FUNCTIONS_MAX][PROFILE_NAME_MAX];
    char sources[PROFILE_SOURCES_MAX][MODULE_NAME_MAX];
};

// One frame of a sampled stack.
struct profile_place {
    uint32_t function; // index, or PROFILE_NO_INDEX
    uint32_t source;   // index, or PROFILE_NO_INDEX
    uint32_t line;     // 0: none
};

// Finds a source by its text, or adds it.
uint32_t profile_table_source(struct profile_table *table, struct bytes text);
// Finds a function: `id` tells those of one source apart. PROFILE_NO_INDEX if it is not there.
uint32_t profile_table_find_function(const struct profile_table *table, uint32_t source, uint64_t id);
uint32_t profile_table_add_function(struct profile_table *table, uint32_t source, uint64_t id,
                                    struct bytes name, uint32_t line);
// Adds what one stack, innermost frame first, cost.
void profile_table_add(struct profile_table *table, const struct profile_place *places, uint32_t count,
                       const struct profile_cost *cost);
