// SPDX-License-Identifier: Apache-2.0
// How JSON's arrays and null look in Lua: an array is a table with a shared metatable that only says so and
// has no effect otherwise; null is one light userdata whose tostring is "null". Zygote and worker.
#pragma once

#include <lua.h>
#include <stdbool.h>

// Makes the array metatable and gives null its name. Once per Lua state, before any other function here or
// in json_to_lua.h and json_from_lua.h. Raises a Lua error if memory runs out.
void lua_json_open(lua_State *L);

// Pushes json.null. Needs one free stack slot.
void lua_push_json_null(lua_State *L);
bool lua_is_json_null(lua_State *L, int index);

// Marks the table at `index` as an array by giving it the shared metatable. False, and nothing changed, if
// it has another metatable. Needs two free stack slots.
bool lua_mark_json_array(lua_State *L, int index);
// Whether the table at `index` is marked. `getmetatable` answers nil for such a table, and `setmetatable` may
// replace the mark, so that plugins never hold the shared metatable. Needs two free stack slots.
bool lua_is_json_array(lua_State *L, int index);
