// SPDX-License-Identifier: Apache-2.0
// Points in time, the earliest first: a binary heap of timers that live inside the things they are for. Not
// thread-safe. Knows no clock: the caller compares and arms.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum timer_kind { TIMER_RUN, TIMER_POOL, TIMER_SHRINK, TIMER_LASTING };

struct timer {
    uint64_t at_ns;  // CLOCK_MONOTONIC
    size_t position; // in the heap, from 1; 0: not set
    enum timer_kind kind;
};

struct deadlines {
    struct timer **heap; // heap[0] is unused
    size_t count;
    size_t capacity;
};

// Room for `count` timers altogether, so that setting one cannot fail. False if there is no memory.
bool deadlines_reserve(struct deadlines *deadlines, size_t count);
void deadlines_deinit(struct deadlines *deadlines);
// Sets or moves a timer.
void deadlines_set(struct deadlines *deadlines, struct timer *timer, uint64_t at_ns);
// Takes a timer out; one that is not set is left alone.
void deadlines_clear(struct deadlines *deadlines, struct timer *timer);
// UINT64_MAX if there is none.
uint64_t deadlines_first_ns(const struct deadlines *deadlines);
// Takes out the earliest timer if it is due at `now_ns`; NULL if none is.
struct timer *deadlines_take_due(struct deadlines *deadlines, uint64_t now_ns);
