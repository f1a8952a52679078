// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"
#include "runtime/lua/json_values.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static const char object_names_key = 'o'; // in the registry; only its address counts

int plugin_collectgarbage(lua_State *L)
{
    const char *option = luaL_optstring(L, 1, "collect");
    if (strcmp(option, "count") != 0)
        return luaL_argerror(L, 1, "only \"count\" is available; memory is collected by itself");
    const struct heap *heap = &image_of(L)->heap;
    lua_pushnumber(L, (lua_Number)heap->used / 1024.0);
    return 1;
}

int plugin_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    // The mark of arrays is shared by all of them.
    if (lua_is_json_array(L, 1) || !lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    luaL_getmetafield(L, 1, "__metatable");
    return 1; // the metatable itself unless it has that field
}

int plugin_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    int kind = lua_type(L, 2);
    luaL_argexpected(L, kind == LUA_TNIL || kind == LUA_TTABLE, 2, "nil or table");
    if (kind == LUA_TTABLE) {
        // Lua looks for __gc only here and only now: a field set later has no effect.
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_argerror(L, 2, "__gc is not available: plugins have no finalizers; use __close");
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

// The number that stands for an object in its text: 1 for the first that is asked for, and so on.
static lua_Integer object_number(lua_State *L, int index)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &object_names_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "k");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &object_names_key);
    }
    lua_pushvalue(L, index);
    lua_Integer number = 0;
    if (lua_rawget(L, -2) == LUA_TNUMBER) {
        number = lua_tointeger(L, -1);
    } else {
        number = (lua_Integer)++image_of(L)->objects_named;
        lua_pushvalue(L, index);
        lua_pushinteger(L, number);
        lua_rawset(L, -4);
    }
    lua_pop(L, 2);
    return number;
}

const char *push_text(lua_State *L, int index, size_t *ret_length)
{
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    int type = lua_type(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1))
            luaL_error(L, "'__tostring' must return a string");
        return lua_tolstring(L, -1, ret_length);
    }
    if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING)
        return luaL_tolstring(L, index, ret_length);
    const char *name = luaL_typename(L, index);
    int kind = luaL_getmetafield(L, index, "__name"); // pushes nothing if there is none
    if (kind == LUA_TSTRING)
        name = lua_tostring(L, -1);
    char digits[24];
    snprintf(digits, sizeof(digits), "0x%08llx", (unsigned long long)object_number(L, index));
    lua_pushfstring(L, "%s: %s", name, digits);
    if (kind != LUA_TNIL)
        lua_remove(L, -2);
    return lua_tolstring(L, -1, ret_length);
}

int plugin_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    push_text(L, 1, NULL);
    return 1;
}

int plugin_load(lua_State *L)
{
    size_t length;
    luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING, 1, "string");
    const char *code = lua_tolstring(L, 1, &length);
    const char *name = luaL_optstring(L, 2, code);
    const char *mode = luaL_optstring(L, 3, "t");
    bool has_environment = !lua_isnone(L, 4);
    if (strchr(mode, 't') == NULL) {
        lua_pushnil(L);
        lua_pushliteral(L, "only mode \"t\" is available: chunks are text");
        return 2;
    }
    if (luaL_loadbufferx(L, code, length, name, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_environment) {
        lua_pushvalue(L, 4);
        if (lua_setupvalue(L, -2, 1) == NULL)
            lua_pop(L, 1); // a chunk that uses no globals
    }
    return 1;
}
