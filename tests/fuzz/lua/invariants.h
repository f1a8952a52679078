// SPDX-License-Identifier: Apache-2.0
// What has to hold of every run, whatever the program.
#pragma once

#include "tests/fuzz/lua/live_engine.h"

enum { WHY_SIZE = 512 };

// False, with the first thing that does not hold in `why`.
bool trial_is_sound(const struct trial *trial, char why[WHY_SIZE]);
// Whether two runs of one program ended the same, as they must under a deterministic policy, unless a clock
// ended one of them.
bool trials_are_same(const struct trial *a, const struct trial *b, char why[WHY_SIZE]);
// Whether the validator agrees with the compiler on the program's entry. Waits.
bool trial_agrees_with_validator(const struct trial *trial, char why[WHY_SIZE]);
