// SPDX-License-Identifier: Apache-2.0
// The C functions of ours that plugins may call; what is not here is Lua's own. environment.c binds them to
// the rows of lua_names.def, which say what each does. Private to this folder; they run in the worker.
#pragma once

#include <lua.h>

// base_functions.c
int plugin_collectgarbage(lua_State *L);
int plugin_getmetatable(lua_State *L);
int plugin_load(lua_State *L);
int plugin_setmetatable(lua_State *L);
int plugin_tostring(lua_State *L);
// coroutine_functions.c
int plugin_coroutine_close(lua_State *L);
int plugin_coroutine_create(lua_State *L);
int plugin_coroutine_isyieldable(lua_State *L);
int plugin_coroutine_resume(lua_State *L);
int plugin_coroutine_running(lua_State *L);
int plugin_coroutine_status(lua_State *L);
int plugin_coroutine_wrap(lua_State *L);
int plugin_coroutine_yield(lua_State *L);
int coroutine_wrapped(lua_State *L); // what coroutine.wrap returns; upvalue 1: the coroutine
// debug_functions.c
int plugin_traceback(lua_State *L);
// json_functions.c
int plugin_json_array(lua_State *L);
int plugin_json_decode(lua_State *L);
int plugin_json_encode(lua_State *L);
// log_functions.c
int plugin_print(lua_State *L);
int plugin_log_debug(lua_State *L);
int plugin_log_info(lua_State *L);
int plugin_log_warn(lua_State *L);
int plugin_log_error(lua_State *L);
// math_functions.c
int plugin_randomseed(lua_State *L); // upvalue 1: Lua's own
// os_functions.c, os_date.c
int plugin_os_clock(lua_State *L);
int plugin_os_date(lua_State *L);
int plugin_os_difftime(lua_State *L);
int plugin_os_time(lua_State *L);
// random_functions.c
int plugin_random_bytes(lua_State *L);
// require.c
int plugin_require(lua_State *L);
// string_functions.c
int plugin_string_format(lua_State *L);
int plugin_string_rep(lua_State *L);
// table_functions.c
int plugin_sorted_pairs(lua_State *L);

// Pushes the text of the value at `index` as tostring gives it: no addresses. Calls __tostring. May raise.
const char *push_text(lua_State *L, int index, size_t *ret_length);
