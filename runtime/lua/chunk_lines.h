// SPDX-License-Identifier: Apache-2.0
// Which lines of a compiled chunk hold code, of all its functions, also those that are never made.
// lua_getinfo tells it of functions that exist only, so the chunk is dumped and its debug information read:
// the format of Lua 5.4's ldump.c, whose header is checked. Worker only; what is read was compiled here.
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

// Calls `take` for the line of every instruction of the Lua function on top of the stack and of those within
// it: lines may come repeatedly and in any order. The return that ends every function is left out: its line
// is the `end`. False if the dump could not be made or read.
bool chunk_lines_each(lua_State *L, void (*take)(void *user, uint32_t line), void *user);
