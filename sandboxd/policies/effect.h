// SPDX-License-Identifier: Apache-2.0
// What a change of limits would have meant for runs that were: "31 of the last 1,000 runs used more".
#pragma once

#include "policies/diff.h"
#include "sandboxd/store/run_rows.h"

enum { EFFECT_RUNS = 1000, EFFECT_TEXT_SIZE = 160 };

struct run_effect {
    size_t run_count; // runs looked at
    size_t used_more; // of those
    char text[EFFECT_TEXT_SIZE];
};

// False where nothing can be said: the change is not of a limit that runs are measured by, it does not make
// it lower, or there are no runs.
bool change_effect_on_runs(const struct policy_change *change, const struct policy *after,
                           const struct run_samples *samples, struct run_effect *ret_effect);
