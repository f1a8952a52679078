// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bare_lua.h"

#include "base/require.h"
#include "runtime/lua/json_values.h"

#include <lauxlib.h>
#include <lualib.h>

// What the bundled Lua asks of runtime/lua, answered without an image.
unsigned int sandbox_hash_seed(lua_State *L);
lua_Alloc sandbox_lua_getallocf(lua_State *L, void **ret_ud);

unsigned int sandbox_hash_seed(lua_State *L)
{
    (void)L;
    return 1;
}

lua_Alloc sandbox_lua_getallocf(lua_State *L, void **ret_ud)
{
    return lua_getallocf(L, ret_ud);
}

lua_State *bare_lua_new(void)
{
    static const luaL_Reg libraries[] = {
        {"_G", luaopen_base},   {"string", luaopen_string}, {"table", luaopen_table},
        {"math", luaopen_math}, {"utf8", luaopen_utf8},     {NULL, NULL},
    };
    lua_State *L = luaL_newstate();
    require(L != NULL);
    for (const luaL_Reg *library = libraries; library->func != NULL; library++) {
        luaL_requiref(L, library->name, library->func, 1);
        lua_pop(L, 1);
    }
    lua_json_open(L);
    return L;
}
