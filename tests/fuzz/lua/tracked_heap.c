// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/tracked_heap.h"

#include "base/require.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

enum { FIRST_SLOTS = 1 << 12 };

static void *const emptied = (void *)1; // a slot whose block is gone: others may lie behind it

// An open-addressing set of blocks, of this thread.
static __thread struct {
    bool on;
    volatile sig_atomic_t busy;
    void **slots;
    size_t size, used, emptied;
} tracked;

static size_t slot_of(const void *block)
{
    return (size_t)(((uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u >> 20) & (tracked.size - 1);
}

static void put(void *block)
{
    size_t at = slot_of(block);
    while (tracked.slots[at] != NULL)
        at = (at + 1) & (tracked.size - 1);
    tracked.slots[at] = block;
    tracked.used++;
}

static void make_room(void)
{
    if (tracked.slots != NULL && (tracked.used + tracked.emptied) * 2 < tracked.size)
        return;
    void **old = tracked.slots;
    size_t old_size = old != NULL ? tracked.size : 0;
    tracked.size = tracked.used * 4 > FIRST_SLOTS ? tracked.size * 2 : FIRST_SLOTS;
    tracked.size = tracked.size > old_size ? tracked.size : old_size;
    tracked.slots = __real_calloc(tracked.size, sizeof *tracked.slots);
    require(tracked.slots != NULL);
    tracked.used = tracked.emptied = 0;
    for (size_t i = 0; i < old_size; i++)
        if (old[i] != NULL && old[i] != emptied)
            put(old[i]);
    __real_free(old);
}

static void add(void *block)
{
    if (!tracked.on || block == NULL)
        return;
    make_room();
    put(block);
}

static void drop(void *block)
{
    if (!tracked.on || block == NULL)
        return;
    for (size_t at = slot_of(block); tracked.slots[at] != NULL; at = (at + 1) & (tracked.size - 1)) {
        if (tracked.slots[at] == block) {
            tracked.slots[at] = emptied;
            tracked.used--;
            tracked.emptied++;
            return;
        }
    }
}

void *__wrap_malloc(size_t size)
{
    tracked.busy++;
    void *block = __real_malloc(size);
    add(block);
    tracked.busy--;
    return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
    tracked.busy++;
    void *block = __real_calloc(count, size);
    add(block);
    tracked.busy--;
    return block;
}

void *__wrap_realloc(void *block, size_t size)
{
    tracked.busy++;
    drop(block);
    void *fresh = __real_realloc(block, size);
    add(fresh != NULL || size == 0 ? fresh : block);
    tracked.busy--;
    return fresh;
}

void __wrap_free(void *block)
{
    tracked.busy++;
    drop(block);
    __real_free(block);
    tracked.busy--;
}

void tracked_heap_begin(void)
{
    require(!tracked.on);
    tracked.used = tracked.emptied = tracked.size = 0;
    make_room();
    tracked.on = true;
}

void tracked_heap_end(void)
{
    tracked.on = false;
    for (size_t i = 0; i < tracked.size; i++)
        if (tracked.slots[i] != NULL && tracked.slots[i] != emptied)
            __real_free(tracked.slots[i]);
    __real_free(tracked.slots);
    tracked.slots = NULL;
}

bool tracked_heap_is_busy(void)
{
    return tracked.busy > 0;
}
