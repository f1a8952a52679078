// SPDX-License-Identifier: Apache-2.0
// A Lua state outside of a worker, for tests of what needs an interpreter but no image.
#pragma once

#include <lua.h>

// With the base, string, table, math and utf8 libraries, and json_values.h set up. lua_close it.
lua_State *bare_lua_new(void);
