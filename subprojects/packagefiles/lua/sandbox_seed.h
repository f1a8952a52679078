// SPDX-License-Identifier: Apache-2.0
// Gives lstate.c a seed of our choosing: random per zygote, fixed where a policy is deterministic.
#pragma once

struct lua_State;
unsigned int sandbox_hash_seed(struct lua_State *L);
#define luai_makeseed(L) sandbox_hash_seed(L)
