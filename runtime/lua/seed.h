// SPDX-License-Identifier: Apache-2.0
// Called by the bundled Lua when a state is made. Zygote only.
#pragma once

struct lua_State;
unsigned int sandbox_hash_seed(struct lua_State *L);
