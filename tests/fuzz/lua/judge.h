// SPDX-License-Identifier: Apache-2.0
// Runs a program as often as its judgement needs, and says what is wrong with how it went.
#pragma once

#include "tests/fuzz/lua/invariants.h"

// One program on its way: two runs of it side by side under a deterministic policy, else one.
struct judgement {
    struct bytes program;
    struct trial trials[2];
    unsigned count;
};

void judgement_begin(struct judgement *judgement, struct live *live, struct bytes program);
// Waits, and frees. False with `why` if something does not hold. `validate`: the validator is asked too.
bool judgement_end(struct judgement *judgement, bool validate, char why[WHY_SIZE]);
// Both at once.
bool judge(struct live *live, struct bytes program, char why[WHY_SIZE]);
// Takes out of the program what it is not wrong for. Appends what is left; it is wrong for some reason.
void judge_minimize(struct live *live, struct bytes program, struct buffer *out);
