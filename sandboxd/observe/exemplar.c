// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/observe/exemplar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t half_of(const char *trace_id, unsigned half)
{
    char digits[17];
    memcpy(digits, trace_id + 16 * half, 16);
    digits[16] = '\0';
    return strtoull(digits, NULL, 16);
}

// A sequence lock (Boehm, "Can seqlocks get along with programming language memory models?", 2012), all of
// whose members are atomic; writers try it instead of waiting for it.
void exemplar_put(struct exemplar *exemplar, const char *trace_id, uint64_t value, int64_t unix_ms)
{
    uint32_t turn = atomic_load_explicit(&exemplar->turn, memory_order_relaxed);
    if (turn % 2 != 0 || !atomic_compare_exchange_strong_explicit(&exemplar->turn, &turn, turn + 1,
                                                                  memory_order_acquire, memory_order_relaxed))
        return;
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&exemplar->trace_high, half_of(trace_id, 0), memory_order_relaxed);
    atomic_store_explicit(&exemplar->trace_low, half_of(trace_id, 1), memory_order_relaxed);
    atomic_store_explicit(&exemplar->value, value, memory_order_relaxed);
    atomic_store_explicit(&exemplar->unix_ms, unix_ms, memory_order_relaxed);
    atomic_store_explicit(&exemplar->turn, turn + 2, memory_order_release);
}

bool exemplar_get(struct exemplar *exemplar, struct exemplar_copy *ret_copy)
{
    uint32_t before = atomic_load_explicit(&exemplar->turn, memory_order_acquire);
    uint64_t high = atomic_load_explicit(&exemplar->trace_high, memory_order_relaxed);
    uint64_t low = atomic_load_explicit(&exemplar->trace_low, memory_order_relaxed);
    uint64_t value = atomic_load_explicit(&exemplar->value, memory_order_relaxed);
    int64_t unix_ms = atomic_load_explicit(&exemplar->unix_ms, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    if (before == 0 || before % 2 != 0 ||
        atomic_load_explicit(&exemplar->turn, memory_order_relaxed) != before)
        return false;
    ret_copy->value = value;
    ret_copy->unix_ms = unix_ms;
    snprintf(ret_copy->trace_id, sizeof ret_copy->trace_id, "%016" PRIx64 "%016" PRIx64, high, low);
    return true;
}
