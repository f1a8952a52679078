// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/profile_json.h"

#include "base/json_write.h"

#include <stdlib.h>

enum {
    STACKS_TEXT_MAX = 1 << 20, // bytes of all stacks
    STACK_TEXT_MAX = PROFILE_DEPTH_MAX * (PROFILE_NAME_MAX + MODULE_NAME_MAX + 16),
};

static void put_plain(struct buffer *out, struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        buffer_append_byte(out, byte < ' ' || byte == 127 || byte == ';' ? '?' : (char)byte);
    }
}

void profile_put_function(struct buffer *out, const struct profile *profile, uint32_t function)
{
    const struct profile_function *shown = &profile->functions[function];
    struct bytes source = profile->sources[shown->source];
    bool in_c = bytes_equal_text(source, "[C]");
    if (shown->name.length > 0)
        put_plain(out, shown->name);
    else
        buffer_append_text(out, in_c ? "C function" : "function");
    if (in_c)
        return;
    buffer_append_byte(out, ' ');
    put_plain(out, source);
    if (shown->line > 0)
        buffer_printf(out, ":%u", shown->line);
}

void profile_put_stack(struct buffer *out, const struct profile *profile, uint32_t node)
{
    uint32_t path[PROFILE_DEPTH_MAX];
    uint32_t depth = 0;
    for (uint32_t at = node + 1; at != 0; at = profile->nodes[at - 1].parent)
        path[depth++] = profile->nodes[at - 1].function;
    while (depth > 0) {
        profile_put_function(out, profile, path[--depth]);
        if (depth > 0)
            buffer_append_byte(out, ';');
    }
}

static void put_cost(struct buffer *out, const struct profile_cost *cost)
{
    json_put_name(out, "samples");
    json_put_unsigned(out, cost->samples);
    json_put_name(out, "cpu_ms");
    json_put_ms_from_us(out, cost->cpu_ns / 1000);
    json_put_name(out, "bytes");
    json_put_unsigned(out, cost->bytes);
}

static int compare_costs(const struct profile_cost *a, const struct profile_cost *b)
{
    if (a->cpu_ns != b->cpu_ns)
        return a->cpu_ns > b->cpu_ns ? -1 : 1;
    return (a->bytes < b->bytes) - (a->bytes > b->bytes);
}

// Nodes are sorted as pairs of cost and index: a comparison function has no other way to the profile.
struct ranked {
    struct profile_cost cost;
    uint32_t index;
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    int order = compare_costs(&a->cost, &b->cost);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static bool has_cost(const struct profile_cost *cost)
{
    return cost->samples > 0 || cost->cpu_ns > 0 || cost->bytes > 0;
}

// False if some were left out.
static bool put_stacks(struct buffer *out, const struct profile *profile)
{
    struct ranked *ranked = malloc((profile->node_count + 1) * sizeof *ranked);
    if (ranked == NULL) {
        out->failed = true;
        return false;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < profile->node_count; i++)
        if (has_cost(&profile->nodes[i].self))
            ranked[count++] = (struct ranked){.cost = profile->nodes[i].self, .index = i};
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    size_t begun = out->length;
    uint32_t shown = 0;
    for (; shown < count && out->length - begun < STACKS_TEXT_MAX; shown++) {
        struct buffer stack = buffer_make(STACK_TEXT_MAX);
        profile_put_stack(&stack, profile, ranked[shown].index);
        buffer_append_text(out, shown > 0 ? ",{" : "{");
        json_put_name(out, "stack");
        json_put_string(out, bytes_of(stack.data, stack.length));
        put_cost(out, &ranked[shown].cost);
        buffer_append_byte(out, '}');
        out->failed = out->failed || stack.failed;
        buffer_free(&stack);
    }
    free(ranked);
    return shown == count;
}

static void put_lines(struct buffer *out, const struct profile *profile)
{
    struct ranked *ranked = malloc((profile->line_count + 1) * sizeof *ranked);
    if (ranked == NULL) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < profile->line_count; i++)
        ranked[i] = (struct ranked){.cost = profile->lines[i].self, .index = i};
    qsort(ranked, profile->line_count, sizeof *ranked, compare_ranked);
    for (uint32_t i = 0; i < profile->line_count; i++) {
        const struct profile_line *line = &profile->lines[ranked[i].index];
        buffer_append_text(out, i > 0 ? ",{" : "{");
        json_put_name(out, "source");
        json_put_string(out, profile->sources[line->source]);
        json_put_name(out, "line");
        json_put_unsigned(out, line->line);
        put_cost(out, &line->self);
        json_put_name(out, "total");
        buffer_append_byte(out, '{');
        put_cost(out, &line->total);
        buffer_append_text(out, "}}");
    }
    free(ranked);
}

void profile_json_put(struct buffer *out, const struct profile *profile)
{
    buffer_append_byte(out, '{');
    json_put_name(out, "cpu_ms");
    json_put_ms_from_us(out, profile->cpu_ns / 1000);
    json_put_name(out, "allocated_bytes");
    json_put_unsigned(out, profile->allocated_bytes);
    json_put_name(out, "stacks");
    buffer_append_byte(out, '[');
    bool whole = put_stacks(out, profile);
    buffer_append_byte(out, ']');
    json_put_name(out, "lines");
    buffer_append_byte(out, '[');
    put_lines(out, profile);
    buffer_append_byte(out, ']');
    json_put_name(out, "truncated");
    buffer_append_text(out, profile->truncated || !whole ? "true" : "false");
    buffer_append_byte(out, '}');
}
