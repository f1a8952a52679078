// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/validator_image.h"

#include "base/closest.h"
#include "runtime/lua/validator_chunks.h"
#include "runtime/protocol/lua_names.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

static const char validator_key = 'v'; // in the registry; only its address counts

static const luaL_Reg libraries[] = {
    {LUA_GNAME, luaopen_base},       {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
    {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
};

// Code is loaded from this program only, and nothing is written but the result.
static const char *const absent[] = {"dofile", "loadfile", "load", "print", "warn"};

// Lua: (name) gives the chunk of that name, compiled.
static int load_chunk(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    for (unsigned i = 0; i < validator_chunk_count; i++) {
        const struct validator_chunk *chunk = &validator_chunks[i];
        if (strcmp(chunk->name, name) != 0)
            continue;
        lua_pushfstring(L, "=%s", name);
        if (luaL_loadbufferx(L, (const char *)chunk->text, chunk->length, lua_tostring(L, -1), "t") != LUA_OK)
            return lua_error(L);
        return 1;
    }
    return luaL_error(L, "there is no chunk '%s'", name);
}

int validator_build(lua_State *L)
{
    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, true);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        lua_pushnil(L);
        lua_setglobal(L, absent[i]);
    }
    lua_pushcfunction(L, load_chunk);
    lua_pushliteral(L, "validator.boot");
    lua_call(L, 1, 1);
    lua_pushcfunction(L, load_chunk);
    lua_call(L, 1, 1);
    luaL_checktype(L, -1, LUA_TFUNCTION);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &validator_key);
    return 0;
}

void validator_push(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &validator_key);
}

void validator_push_known_names(lua_State *L)
{
    lua_createtable(L, LUA_NAME_COUNT, 0);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        char text[64];
        lua_name_text((enum lua_name)i, text, sizeof(text));
        lua_pushstring(L, text);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

int validator_closest(lua_State *L)
{
    size_t length;
    const char *typed = luaL_checklstring(L, 1, &length);
    luaL_checktype(L, 2, LUA_TTABLE);
    struct closest closest = closest_make(typed, length);
    for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
        closest_offer(&closest, lua_tostring(L, -1)); // borrowed: the table keeps it
        lua_pop(L, 1);
    }
    lua_pushstring(L, closest_text(&closest));
    return 1;
}
