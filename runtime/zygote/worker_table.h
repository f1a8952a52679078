// SPDX-License-Identifier: Apache-2.0
// The zygote's living workers: which process is which worker. A pid stays in it until the worker is reaped,
// and so cannot mean another process. In the zygote only.
#pragma once

#include "runtime/zygote/cpu_bound.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct worker_entry {
    pid_t pid; // 0: empty
    uint64_t worker_id;
    struct cpu_bound bound;
};

// A hash table with open addressing, by pid; at most half full.
struct worker_table {
    struct worker_entry *entries; // owned; workers do not get it
    size_t capacity;              // a power of two, or 0
    size_t count;
};

void worker_table_free(struct worker_table *table);
// Makes room for `count` more, so that no add fails after a fork. False without memory.
bool worker_table_reserve(struct worker_table *table, size_t count);
void worker_table_add(struct worker_table *table, pid_t pid, uint64_t worker_id);
// Takes a reaped process out, its bound included. False if it was no worker.
bool worker_table_remove(struct worker_table *table, pid_t pid, uint64_t *ret_worker_id);
// NULL if there is no such worker (any more). Stays where it is until the next add or remove.
struct worker_entry *worker_table_find(const struct worker_table *table, uint64_t worker_id);
