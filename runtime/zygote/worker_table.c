// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/worker_table.h"

#include "base/require.h"
#include "runtime/zygote/unshared_memory.h"

enum { CAPACITY_MIN = 128 }; // one page

static size_t home_of(const struct worker_table *table, pid_t pid)
{
    // Pids come in sequence, so their low bits spread well as they are.
    return (size_t)pid & (table->capacity - 1);
}

static size_t next_of(const struct worker_table *table, size_t index)
{
    return (index + 1) & (table->capacity - 1);
}

void worker_table_free(struct worker_table *table)
{
    unshared_memory_free(table->entries, table->capacity * sizeof *table->entries);
    *table = (struct worker_table){0};
}

static void put(struct worker_table *table, struct worker_entry entry)
{
    size_t index = home_of(table, entry.pid);
    while (table->entries[index].pid != 0)
        index = next_of(table, index);
    table->entries[index] = entry;
    table->count++;
}

bool worker_table_reserve(struct worker_table *table, size_t count)
{
    size_t capacity = table->capacity == 0 ? CAPACITY_MIN : table->capacity;
    while (capacity / 2 < table->count + count)
        capacity *= 2;
    if (capacity == table->capacity)
        return true;
    struct worker_table larger = {.capacity = capacity};
    larger.entries = unshared_memory_new(capacity * sizeof *larger.entries);
    if (larger.entries == NULL)
        return false;
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].pid != 0)
            put(&larger, table->entries[i]);
    }
    unshared_memory_free(table->entries, table->capacity * sizeof *table->entries);
    *table = larger;
    return true;
}

void worker_table_add(struct worker_table *table, pid_t pid, uint64_t worker_id)
{
    require(pid > 0 && table->count < table->capacity / 2 + 1);
    put(table, (struct worker_entry){.pid = pid, .worker_id = worker_id});
}

// Closes the gap at `gap`, so that searches need no tombstones (Knuth, TAOCP 3, 6.4, algorithm R).
static void close_gap(struct worker_table *table, size_t gap)
{
    for (size_t index = next_of(table, gap); table->entries[index].pid != 0; index = next_of(table, index)) {
        size_t home = home_of(table, table->entries[index].pid);
        size_t distance_home = (index - home) & (table->capacity - 1);
        size_t distance_gap = (index - gap) & (table->capacity - 1);
        if (distance_home >= distance_gap) {
            table->entries[gap] = table->entries[index];
            gap = index;
        }
    }
    table->entries[gap] = (struct worker_entry){0};
}

bool worker_table_remove(struct worker_table *table, pid_t pid, uint64_t *ret_worker_id)
{
    if (table->capacity == 0)
        return false;
    size_t index = home_of(table, pid);
    while (table->entries[index].pid != pid) {
        if (table->entries[index].pid == 0)
            return false;
        index = next_of(table, index);
    }
    *ret_worker_id = table->entries[index].worker_id;
    cpu_bound_clear(&table->entries[index].bound);
    close_gap(table, index);
    table->count--;
    return true;
}

struct worker_entry *worker_table_find(const struct worker_table *table, uint64_t worker_id)
{
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].pid != 0 && table->entries[i].worker_id == worker_id)
            return &table->entries[i];
    }
    return NULL;
}
