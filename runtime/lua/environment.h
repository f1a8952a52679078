// SPDX-License-Identifier: Apache-2.0
// Builds what plugins see: exactly the rows of lua_names.def that the options allow, in tables of our own.
// Zygote only.
#pragma once

#include <lua.h>

// A lua_CFunction for a protected call, with the image as light userdata: fills in the globals of image->L.
int environment_build(lua_State *L);
// Seeds math.random with the run's seed. Worker only; may raise.
void environment_seed_random(lua_State *L, lua_Integer seed);
