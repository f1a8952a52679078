// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/profile.h"

#include "runtime/protocol/codec.h"
#include "runtime/protocol/frame.h"

#define EXACT_IN_DOUBLE (UINT64_C(1) << 53)

static void put_cost(struct buffer *out, const struct profile_cost *cost)
{
    put_u32(out, cost->samples);
    put_u64(out, cost->cpu_ns);
    put_u64(out, cost->bytes);
}

void profile_encode(struct buffer *out, const struct profile *profile)
{
    size_t frame = frame_begin(out, FRAME_PROFILE);
    put_u64(out, profile->cpu_ns);
    put_u64(out, profile->allocated_bytes);
    put_u8(out, profile->truncated);
    put_u32(out, profile->source_count);
    for (uint32_t i = 0; i < profile->source_count; i++)
        put_text(out, profile->sources[i], MODULE_NAME_MAX);
    put_u32(out, profile->function_count);
    for (uint32_t i = 0; i < profile->function_count; i++) {
        put_text(out, profile->functions[i].name, PROFILE_NAME_MAX);
        put_u32(out, profile->functions[i].source);
        put_u32(out, profile->functions[i].line);
    }
    put_u32(out, profile->node_count);
    for (uint32_t i = 0; i < profile->node_count; i++) {
        put_u32(out, profile->nodes[i].parent);
        put_u32(out, profile->nodes[i].function);
        put_cost(out, &profile->nodes[i].self);
    }
    put_u32(out, profile->line_count);
    for (uint32_t i = 0; i < profile->line_count; i++) {
        put_u32(out, profile->lines[i].source);
        put_u32(out, profile->lines[i].line);
        put_cost(out, &profile->lines[i].self);
        put_cost(out, &profile->lines[i].total);
    }
    frame_end(out, frame);
}

// A number that must be below `bound`.
static uint32_t get_below(struct reader *in, uint32_t bound)
{
    uint32_t value = get_u32(in);
    if (value >= bound) {
        in->failed = true;
        return 0;
    }
    return value;
}

static uint64_t get_exact(struct reader *in)
{
    uint64_t value = get_u64(in);
    if (value > EXACT_IN_DOUBLE)
        in->failed = true;
    return value;
}

// Adds it to `sum`, which must stay exact.
static struct profile_cost get_cost(struct reader *in, struct profile_cost *sum)
{
    struct profile_cost cost = {.samples = get_u32(in), .cpu_ns = get_exact(in), .bytes = get_exact(in)};
    if (in->failed || cost.samples > UINT32_MAX - sum->samples ||
        sum->cpu_ns + cost.cpu_ns > EXACT_IN_DOUBLE || sum->bytes + cost.bytes > EXACT_IN_DOUBLE) {
        in->failed = true;
        return (struct profile_cost){0};
    }
    sum->samples += cost.samples;
    sum->cpu_ns += cost.cpu_ns;
    sum->bytes += cost.bytes;
    return cost;
}

static void get_functions(struct reader *in, struct profile *profile)
{
    profile->source_count = get_below(in, PROFILE_SOURCES_MAX + 1);
    for (uint32_t i = 0; i < profile->source_count; i++)
        profile->sources[i] = get_text(in, MODULE_NAME_MAX);
    profile->function_count = get_below(in, PROFILE_FUNCTIONS_MAX + 1);
    for (uint32_t i = 0; i < profile->function_count; i++) {
        profile->functions[i].name = get_text(in, PROFILE_NAME_MAX);
        profile->functions[i].source = get_below(in, profile->source_count);
        profile->functions[i].line = get_u32(in);
    }
}

static void get_nodes(struct reader *in, struct profile *profile)
{
    uint8_t depth[PROFILE_NODES_MAX + 1] = {0}; // by 1 + index, as parents are told
    struct profile_cost sum = {0};
    profile->node_count = get_below(in, PROFILE_NODES_MAX + 1);
    for (uint32_t i = 0; i < profile->node_count; i++) {
        struct profile_node *node = &profile->nodes[i];
        node->parent = get_below(in, i + 1);
        node->function = get_below(in, profile->function_count);
        node->self = get_cost(in, &sum);
        depth[i + 1] = depth[node->parent] + 1;
        if (depth[i + 1] > PROFILE_DEPTH_MAX)
            in->failed = true;
        if (in->failed)
            return;
    }
}

static void get_lines(struct reader *in, struct profile *profile)
{
    struct profile_cost self_sum = {0}, total_sum = {0};
    profile->line_count = get_below(in, PROFILE_LINES_MAX + 1);
    for (uint32_t i = 0; i < profile->line_count && !in->failed; i++) {
        struct profile_line *line = &profile->lines[i];
        line->source = get_below(in, profile->source_count);
        line->line = get_u32(in);
        line->self = get_cost(in, &self_sum);
        // A sample counts for each line of its stack: only each total by itself is bounded.
        total_sum = (struct profile_cost){0};
        line->total = get_cost(in, &total_sum);
        if (line->line == 0)
            in->failed = true;
    }
}

bool profile_decode(struct bytes body, struct profile *ret_profile)
{
    struct reader in = reader_make(body);
    ret_profile->cpu_ns = get_exact(&in);
    ret_profile->allocated_bytes = get_exact(&in);
    ret_profile->truncated = get_bool(&in);
    get_functions(&in, ret_profile);
    get_nodes(&in, ret_profile);
    get_lines(&in, ret_profile);
    return reader_finished(&in);
}
