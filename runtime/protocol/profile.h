// SPDX-License-Identifier: Apache-2.0
// Where a run's CPU time and memory went, as its worker sampled it: FRAME_PROFILE, sent before the result of
// a job that asked for it. A tree of call stacks, and a table of source lines. What a worker says here is
// shown and never relied on; the decoder bounds it, so that whatever is made of it stays bounded too: texts
// are UTF-8, stacks are at most PROFILE_DEPTH_MAX deep, and all sums fit a double exactly.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "runtime/protocol/job_messages.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PROFILE_SOURCES_MAX = 128,
    PROFILE_FUNCTIONS_MAX = 512,
    PROFILE_NODES_MAX = 4096,
    PROFILE_LINES_MAX = 2048,
    PROFILE_DEPTH_MAX = 64,
    PROFILE_NAME_MAX = 64,   // bytes
    PROFILE_COST_BYTES = 20, // of one struct profile_cost in a frame
    // Of the longest frame's body.
    PROFILE_BODY_MAX = 17 + 4 * 4 + PROFILE_SOURCES_MAX * (4 + MODULE_NAME_MAX) +
                       PROFILE_FUNCTIONS_MAX * (4 + PROFILE_NAME_MAX + 8) +
                       PROFILE_NODES_MAX * (8 + PROFILE_COST_BYTES) +
                       PROFILE_LINES_MAX * (8 + 2 * PROFILE_COST_BYTES),
};

struct profile_cost {
    uint32_t samples; // of CPU time
    uint64_t cpu_ns;  // that the samples stand for
    uint64_t bytes;   // allocated, by samples of allocations
};

struct profile_function {
    struct bytes name; // as its callers call it, "main chunk", "string.rep"; empty if it has none
    uint32_t source;   // index of a source
    uint32_t line;     // where it is defined; 0 for a main chunk and for C functions
};

// One function called by way of its parents.
struct profile_node {
    uint32_t parent; // 1 + index of the caller, which comes earlier; 0: nobody
    uint32_t function;
    struct profile_cost self; // in it alone, without what it called
};

struct profile_line {
    uint32_t source;
    uint32_t line;             // from 1
    struct profile_cost self;  // of the line, with the C functions that it called
    struct profile_cost total; // with all that it called
};

struct profile {
    uint64_t cpu_ns;          // of the run from when the job came, by the worker's own clock
    uint64_t allocated_bytes; // all that was ever asked for, also what was freed
    bool truncated;           // stacks, functions or lines are missing: there were too many
    uint32_t source_count;
    struct bytes sources[PROFILE_SOURCES_MAX]; // modules' names, and "[C]"
    uint32_t function_count;
    struct profile_function functions[PROFILE_FUNCTIONS_MAX];
    uint32_t node_count;
    struct profile_node nodes[PROFILE_NODES_MAX];
    uint32_t line_count;
    struct profile_line lines[PROFILE_LINES_MAX];
};

// Appends a whole frame. Async-signal-safe over a fixed buffer.
void profile_encode(struct buffer *out, const struct profile *profile);
// Texts are borrowed from the body. `ret_profile` is large: not for a stack.
bool profile_decode(struct bytes body, struct profile *ret_profile);
