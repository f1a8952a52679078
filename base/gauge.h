// SPDX-License-Identifier: Apache-2.0
// A figure that its owner changes under the owner's lock, and that everybody else reads without it: metrics,
// health. Several read one after the other need not be of one moment.
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct gauge {
    _Atomic uint64_t value;
};

// Any thread. Who sees a value sees what its owner did before.
static inline uint64_t gauge_read(const struct gauge *gauge)
{
    return atomic_load_explicit(&gauge->value, memory_order_acquire);
}

// With the owner's lock held.
static inline void gauge_set(struct gauge *gauge, uint64_t value)
{
    atomic_store_explicit(&gauge->value, value, memory_order_release);
}

// Likewise; `by` may be negative. One writer at a time, so that a load and a store do, and cost what a plain
// number would.
static inline void gauge_add(struct gauge *gauge, int64_t by)
{
    gauge_set(gauge, gauge_read(gauge) + (uint64_t)by);
}
