// SPDX-License-Identifier: Apache-2.0
// What os.time and os.date share. Worker only.
#pragma once

#include "runtime/lua/os_time.h"

#include <lua.h>

// Unix time in seconds as the run sees it: FROZEN_UNIX_S where the policy is deterministic.
lua_Integer unix_time_now(lua_State *L);
// Pushes a table with the fields of os.date("*t"). May raise.
void push_calendar_table(lua_State *L, const struct calendar_time *time);
