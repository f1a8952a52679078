// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/profile_table.h"

#include <string.h>

// Fibonacci hashing of two numbers.
static uint32_t hash_pair(uint64_t a, uint64_t b)
{
    uint64_t mixed = (a + b * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 40);
}

static void add_cost(struct profile_cost *sum, const struct profile_cost *cost)
{
    sum->samples += cost->samples;
    sum->cpu_ns += cost->cpu_ns;
    sum->bytes += cost->bytes;
}

static struct bytes keep_text(char *place, size_t size, struct bytes text)
{
    size_t length = text.length < size ? text.length : size;
    memcpy(place, text.data, length);
    return bytes_of(place, length);
}

uint32_t profile_table_source(struct profile_table *table, struct bytes text)
{
    struct profile *profile = &table->profile;
    if (text.length > MODULE_NAME_MAX)
        text.length = MODULE_NAME_MAX;
    for (uint32_t i = 0; i < profile->source_count; i++)
        if (bytes_equal(profile->sources[i], text))
            return i;
    if (profile->source_count == PROFILE_SOURCES_MAX) {
        profile->truncated = true;
        return PROFILE_NO_INDEX;
    }
    uint32_t index = profile->source_count;
    profile->sources[index] = keep_text(table->sources[index], MODULE_NAME_MAX, text);
    profile->source_count++; // last: a signal handler may send what is there
    return index;
}

// The slot of a function, or the free one where it belongs.
static uint32_t function_slot(const struct profile_table *table, uint32_t source, uint64_t id)
{
    uint32_t slot = hash_pair(source, id) % PROFILE_FUNCTION_SLOTS;
    for (;; slot = (slot + 1) % PROFILE_FUNCTION_SLOTS) {
        uint16_t found = table->function_slots[slot];
        if (found == 0 ||
            (table->profile.functions[found - 1].source == source && table->function_ids[found - 1] == id))
            return slot;
    }
}

uint32_t profile_table_find_function(const struct profile_table *table, uint32_t source, uint64_t id)
{
    if (source == PROFILE_NO_INDEX)
        return PROFILE_NO_INDEX;
    uint16_t found = table->function_slots[function_slot(table, source, id)];
    return found > 0 ? found - 1u : PROFILE_NO_INDEX;
}

uint32_t profile_table_add_function(struct profile_table *table, uint32_t source, uint64_t id,
                                    struct bytes name, uint32_t line)
{
    struct profile *profile = &table->profile;
    if (source == PROFILE_NO_INDEX || profile->function_count == PROFILE_FUNCTIONS_MAX) {
        profile->truncated = true;
        return PROFILE_NO_INDEX;
    }
    uint32_t index = profile->function_count;
    profile->functions[index] = (struct profile_function){
        .name = keep_text(table->names[index], PROFILE_NAME_MAX, name), .source = source, .line = line};
    table->function_ids[index] = id;
    table->function_slots[function_slot(table, source, id)] = (uint16_t)(index + 1);
    profile->function_count++;
    return index;
}

// 1 + index of the node, 0 if there is no room for it.
static uint32_t node_of(struct profile_table *table, uint32_t parent, uint32_t function)
{
    struct profile *profile = &table->profile;
    uint32_t slot = hash_pair(parent, function) % PROFILE_NODE_SLOTS;
    for (; table->node_slots[slot] != 0; slot = (slot + 1) % PROFILE_NODE_SLOTS) {
        const struct profile_node *node = &profile->nodes[table->node_slots[slot] - 1];
        if (node->parent == parent && node->function == function)
            return table->node_slots[slot];
    }
    if (profile->node_count == PROFILE_NODES_MAX)
        return 0;
    profile->nodes[profile->node_count] = (struct profile_node){.parent = parent, .function = function};
    table->node_slots[slot] = (uint16_t)++profile->node_count;
    return profile->node_count;
}

// Index of the line, PROFILE_NO_INDEX if there is no room for it.
static uint32_t line_of(struct profile_table *table, uint32_t source, uint32_t line)
{
    struct profile *profile = &table->profile;
    uint32_t slot = hash_pair(source, line) % PROFILE_LINE_SLOTS;
    for (; table->line_slots[slot] != 0; slot = (slot + 1) % PROFILE_LINE_SLOTS) {
        const struct profile_line *found = &profile->lines[table->line_slots[slot] - 1];
        if (found->source == source && found->line == line)
            return table->line_slots[slot] - 1u;
    }
    if (profile->line_count == PROFILE_LINES_MAX) {
        profile->truncated = true;
        return PROFILE_NO_INDEX;
    }
    profile->lines[profile->line_count] = (struct profile_line){.source = source, .line = line};
    table->line_slots[slot] = (uint16_t)++profile->line_count;
    return profile->line_count - 1;
}

static void add_to_lines(struct profile_table *table, const struct profile_place *places, uint32_t count,
                         const struct profile_cost *cost)
{
    bool innermost = true;
    for (uint32_t i = 0; i < count; i++) {
        if (places[i].line == 0 || places[i].source == PROFILE_NO_INDEX)
            continue;
        uint32_t index = line_of(table, places[i].source, places[i].line);
        if (index != PROFILE_NO_INDEX) {
            struct profile_line *line = &table->profile.lines[index];
            if (innermost)
                add_cost(&line->self, cost);
            if (table->line_marks[index] != table->stacks) // once, however often it recurs
                add_cost(&line->total, cost);
            table->line_marks[index] = table->stacks;
        }
        innermost = false;
    }
}

void profile_table_add(struct profile_table *table, const struct profile_place *places, uint32_t count,
                       const struct profile_cost *cost)
{
    table->stacks++;
    uint32_t node = 0;
    for (uint32_t i = count; i > 0; i--) {
        uint32_t next =
            places[i - 1].function != PROFILE_NO_INDEX ? node_of(table, node, places[i - 1].function) : 0;
        if (next == 0) { // it counts for the callers that are known
            table->profile.truncated = true;
            break;
        }
        node = next;
    }
    if (node > 0)
        add_cost(&table->profile.nodes[node - 1].self, cost);
    add_to_lines(table, places, count, cost);
}
