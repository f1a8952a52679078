// SPDX-License-Identifier: Apache-2.0
// What a validator's image has instead of a plugin's environment: luacheck and our own checks on top of it,
// in Lua, loaded in the zygote so that workers share them.
#pragma once

#include <lua.h>

// Protected call: (image as light userdata).
int validator_build(lua_State *L);

// Pushes the function that validator/validator.lua returns.
void validator_push(lua_State *L);

// Pushes an array of all names that a policy may allow: "pairs", "string.rep".
void validator_push_known_names(lua_State *L);

// Lua: (typed, names) gives the one of the array that is close enough to be meant, or nil.
int validator_closest(lua_State *L);
