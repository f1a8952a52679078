// SPDX-License-Identifier: Apache-2.0
#include "policies/advice.h"

#include "policies/units.h"

#include <stdlib.h>

static int compare_figures(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static uint64_t nearest_rank(const uint64_t *sorted, size_t count, unsigned per_cent)
{
    size_t rank = (count * per_cent + 99) / 100;
    return sorted[rank > 0 ? rank - 1 : 0];
}

// value * numerator / denominator, rounded up; UINT64_MAX where that is too large.
static uint64_t scaled(uint64_t value, uint64_t numerator, uint64_t denominator)
{
    unsigned __int128 product = (unsigned __int128)value * numerator + denominator - 1;
    product /= denominator;
    return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

size_t figures_above(const uint64_t *figures, size_t count, uint64_t value)
{
    size_t above = 0;
    for (size_t i = 0; i < count; i++)
        above += figures[i] > value;
    return above;
}

bool limit_advise(enum run_limit limit, uint64_t *figures, size_t count, const uint64_t *cut_off,
                  size_t cut_off_count, unsigned scale, struct limit_advice *ret_advice)
{
    if (count == 0)
        return false;
    qsort(figures, count, sizeof *figures, compare_figures);
    const struct run_limit_info *info = &run_limit_table[limit];
    struct limit_advice advice = {
        .run_count = count + cut_off_count,
        .p50 = nearest_rank(figures, count, 50),
        .p99 = nearest_rank(figures, count, 99),
        .maximum = figures[count - 1],
    };
    uint64_t by_p99 = scaled(advice.p99, 3, 2 * scale), by_maximum = scaled(advice.maximum, 11, 10 * scale);
    uint64_t wanted = units_round_up(by_p99 > by_maximum ? by_p99 : by_maximum, info->unit);
    wanted = wanted < info->minimum ? info->minimum : wanted;
    advice.suggestion = wanted > info->maximum ? info->maximum : wanted;
    uint64_t bound = scaled(advice.suggestion, scale, 1);
    advice.would_fail = figures_above(figures, count, bound) + figures_above(cut_off, cut_off_count, bound);
    *ret_advice = advice;
    return true;
}
