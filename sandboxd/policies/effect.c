// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/policies/effect.h"

#include "policies/units.h"

#include <stdio.h>

bool change_effect_on_runs(const struct policy_change *change, const struct policy *after,
                           const struct run_samples *samples, struct run_effect *ret_effect)
{
    bool of_limit = change->member >= MEMBER_LIMIT_FIRST && change->member < MEMBER_CEILINGS;
    if (!of_limit || change->effect != CHANGE_TIGHTER)
        return false;
    enum run_limit limit = policy_member_limit(change->member);
    struct run_effect effect = {.run_count = samples->ended_count + samples->cut_off_count};
    if (samples->ended[limit] == NULL || effect.run_count == 0)
        return false;
    // Where nothing was counted, nothing is known: instructions without a limit.
    if (limit == LIMIT_INSTRUCTIONS && figures_above(samples->ended[limit], samples->ended_count, 0) == 0)
        return false;
    uint64_t value = after->limits.value[limit] * run_samples_scale(limit);
    effect.used_more = figures_above(samples->ended[limit], samples->ended_count, value) +
                       figures_above(samples->cut_off[limit], samples->cut_off_count, value);
    char used[UNITS_TEXT_SIZE], all[UNITS_TEXT_SIZE];
    units_format(effect.used_more, UNIT_COUNT, used);
    units_format(effect.run_count, UNIT_COUNT, all);
    snprintf(effect.text, sizeof effect.text, "%s of the last %s runs used more",
             effect.used_more == 0 ? "none" : used, all);
    *ret_effect = effect;
    return true;
}
