// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/environment.h"

#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"
#include "runtime/lua/json_values.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

// Rows of lua_names.def that are not Lua's own. Every other row must be found in a library of Lua's.
static const lua_CFunction own_functions[LUA_NAME_COUNT] = {
    [LUA_NAME_BASE_COLLECTGARBAGE] = plugin_collectgarbage,
    [LUA_NAME_BASE_GETMETATABLE] = plugin_getmetatable,
    [LUA_NAME_BASE_LOAD] = plugin_load,
    [LUA_NAME_BASE_PRINT] = plugin_print,
    [LUA_NAME_BASE_REQUIRE] = plugin_require,
    [LUA_NAME_BASE_SETMETATABLE] = plugin_setmetatable,
    [LUA_NAME_BASE_TOSTRING] = plugin_tostring,
    [LUA_NAME_COROUTINE_CLOSE] = plugin_coroutine_close,
    [LUA_NAME_COROUTINE_CREATE] = plugin_coroutine_create,
    [LUA_NAME_COROUTINE_ISYIELDABLE] = plugin_coroutine_isyieldable,
    [LUA_NAME_COROUTINE_RESUME] = plugin_coroutine_resume,
    [LUA_NAME_COROUTINE_RUNNING] = plugin_coroutine_running,
    [LUA_NAME_COROUTINE_STATUS] = plugin_coroutine_status,
    [LUA_NAME_COROUTINE_WRAP] = plugin_coroutine_wrap,
    [LUA_NAME_COROUTINE_YIELD] = plugin_coroutine_yield,
    [LUA_NAME_DEBUG_TRACEBACK] = plugin_traceback,
    [LUA_NAME_JSON_ARRAY] = plugin_json_array,
    [LUA_NAME_JSON_DECODE] = plugin_json_decode,
    [LUA_NAME_JSON_ENCODE] = plugin_json_encode,
    [LUA_NAME_LOG_DEBUG] = plugin_log_debug,
    [LUA_NAME_LOG_ERROR] = plugin_log_error,
    [LUA_NAME_LOG_INFO] = plugin_log_info,
    [LUA_NAME_LOG_WARN] = plugin_log_warn,
    [LUA_NAME_OS_CLOCK] = plugin_os_clock,
    [LUA_NAME_OS_DATE] = plugin_os_date,
    [LUA_NAME_OS_DIFFTIME] = plugin_os_difftime,
    [LUA_NAME_OS_TIME] = plugin_os_time,
    [LUA_NAME_RANDOM_BYTES] = plugin_random_bytes,
    [LUA_NAME_STRING_FORMAT] = plugin_string_format,
    [LUA_NAME_STRING_REP] = plugin_string_rep,
    [LUA_NAME_TABLE_SORTED_PAIRS] = plugin_sorted_pairs,
};

static const struct {
    const char *name;
    lua_CFunction open;
} stock_libraries[] = {
    {LUA_GNAME, luaopen_base},       {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
    {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
};

static const char stock_randomseed_key = 'r'; // in the registry; only its address counts

// Pushes a table {library = its table} of what Lua's own libraries offer. None of it stays reachable.
static void push_stock(lua_State *L)
{
    lua_newtable(L);
    for (size_t i = 0; i < sizeof(stock_libraries) / sizeof(stock_libraries[0]); i++) {
        lua_pushcfunction(L, stock_libraries[i].open);
        lua_call(L, 0, 1);
        const char *name = stock_libraries[i].name;
        lua_setfield(L, -2, strcmp(name, LUA_GNAME) == 0 ? "base" : name);
    }
}

// Pushes Lua's own value of a row, from the table of push_stock at `stock`.
static void push_stock_value(lua_State *L, int stock, enum lua_name row)
{
    const struct lua_name_info *info = &lua_name_table[row];
    if (lua_getfield(L, stock, info->library) != LUA_TTABLE || lua_getfield(L, -1, info->name) == LUA_TNIL)
        luaL_error(L, "%s.%s has no implementation", info->library, info->name);
    lua_remove(L, -2);
}

static lua_CFunction stock_function(lua_State *L, int stock, enum lua_name row)
{
    push_stock_value(L, stock, row);
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    return function;
}

static void push_row(lua_State *L, int stock, int globals, enum lua_name row)
{
    if (row == LUA_NAME_BASE_G) {
        lua_pushvalue(L, globals);
    } else if (row == LUA_NAME_JSON_NULL) {
        lua_push_json_null(L);
    } else if (row == LUA_NAME_MATH_RANDOMSEED) {
        push_stock_value(L, stock, row);
        lua_pushcclosure(L, plugin_randomseed, 1);
    } else if (own_functions[row] != NULL) {
        lua_pushcfunction(L, own_functions[row]);
    } else {
        push_stock_value(L, stock, row);
    }
}

// Pushes the table that holds the rows of `library`: the globals for "base", else a member of them.
static void push_library(lua_State *L, int globals, const char *library)
{
    if (strcmp(library, "base") == 0) {
        lua_pushvalue(L, globals);
    } else if (lua_getfield(L, globals, library) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, globals, library);
    }
}

// Strings keep the metatable that Lua gave them: "10" + 1 works through it. Methods are those allowed.
static void guard_string_metatable(lua_State *L, int globals)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_getfield(L, globals, LUA_STRLIBNAME);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "string");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

int environment_build(lua_State *L)
{
    struct lua_image *image = lua_touserdata(L, 1);
    lua_json_open(L);
    push_stock(L);
    int stock = lua_gettop(L);
    lua_newtable(L);
    int globals = lua_gettop(L);
    image->stock_format = stock_function(L, stock, LUA_NAME_STRING_FORMAT);
    image->stock_rep = stock_function(L, stock, LUA_NAME_STRING_REP);
    push_stock_value(L, stock, LUA_NAME_MATH_RANDOMSEED);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &stock_randomseed_key);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        if (!image->options.allowed[i])
            continue;
        push_library(L, globals, lua_name_table[i].library);
        push_row(L, stock, globals, (enum lua_name)i);
        image->functions[i] = lua_tocfunction(L, -1);
        lua_setfield(L, -2, lua_name_table[i].name);
        lua_pop(L, 1);
    }
    guard_string_metatable(L, globals);
    lua_pushvalue(L, globals);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    return 0;
}

void environment_seed_random(lua_State *L, lua_Integer seed)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &stock_randomseed_key);
    lua_pushinteger(L, seed);
    lua_call(L, 1, 0);
}
