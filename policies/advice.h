// SPDX-License-Identifier: Apache-2.0
// Limits from measured runs: enough for what plugins do, and not much more. Any thread.
#pragma once

#include "runtime/protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Percentiles are by nearest rank: the least figure that so many per cent do not exceed.
struct limit_advice {
    size_t run_count;    // runs looked at: those that ended by themselves and those that were ended
    uint64_t p50;        // of runs that ended by themselves, in the figures' unit
    uint64_t p99;        // likewise
    uint64_t maximum;    // likewise
    uint64_t suggestion; // in the limit's unit: max(p99 * 1.5, maximum * 1.1), rounded up to a readable
                         // figure, within bounds
    size_t would_fail;   // of all runs looked at: how many used more than the suggestion
};

// `figures` of runs that ended by themselves; they get sorted. Their unit is 1/`scale` of the limit's: 1000
// where times are in microseconds. `cut_off`: what runs had used when some limit ended them; how much they
// wanted is not known, so they say nothing about the suggestion, but those above it count as failing. False
// if there are no figures to go by.
bool limit_advise(enum run_limit limit, uint64_t *figures, size_t count, const uint64_t *cut_off,
                  size_t cut_off_count, unsigned scale, struct limit_advice *ret_advice);

// How many of `figures` are above `value`.
size_t figures_above(const uint64_t *figures, size_t count, uint64_t value);
