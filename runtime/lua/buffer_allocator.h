// SPDX-License-Identifier: Apache-2.0
// What the bundled Lua's luaL_Buffer asks for its memory, in place of lua_getallocf
// (subprojects/packagefiles/lua). Worker only.
#pragma once

#include <lua.h>

lua_Alloc sandbox_lua_getallocf(lua_State *L, void **ret_ud);
