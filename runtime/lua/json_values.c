// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/json_values.h"

#include <stddef.h>

// Only their addresses count: the registry key of the array metatable, and null itself.
static const char array_key = 'a';
static const char null_value = 'n';

static int text_of_null(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

void lua_json_open(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
    // Light userdata share one metatable, and null is the only one that a plugin ever meets.
    lua_push_json_null(L);
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, text_of_null);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "json.null");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

void lua_push_json_null(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)&null_value);
}

bool lua_is_json_null(lua_State *L, int index)
{
    return lua_islightuserdata(L, index) && lua_touserdata(L, index) == (const void *)&null_value;
}

bool lua_mark_json_array(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (lua_getmetatable(L, index)) {
        lua_pop(L, 1);
        return lua_is_json_array(L, index);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
    lua_setmetatable(L, index);
    return true;
}

bool lua_is_json_array(lua_State *L, int index)
{
    if (!lua_istable(L, index) || !lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
    bool marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}
