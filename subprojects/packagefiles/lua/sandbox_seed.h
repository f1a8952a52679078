// SPDX-License-Identifier: Apache-2.0
// Gives lstate.c a seed of our choosing: random per zygote, fixed where a policy is deterministic.
#pragma once

unsigned int sandbox_lua_seed(void);
#define luai_makeseed(L) sandbox_lua_seed()
