// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/functions.h"

#include <lauxlib.h>
#include <limits.h>

int plugin_traceback(lua_State *L)
{
    lua_State *about = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    int message = about == L && !lua_isthread(L, 1) ? 1 : 2;
    const char *text = lua_tostring(L, message);
    if (text == NULL && !lua_isnoneornil(L, message)) {
        lua_pushvalue(L, message); // not a text: given back as it is, as Lua does
        return 1;
    }
    lua_Integer level = luaL_optinteger(L, message + 1, about == L ? 1 : 0);
    if (level < 0 || level >= INT_MAX)
        level = INT_MAX - 1; // above every level there can be, and Lua can still count one further
    luaL_traceback(L, about, text, (int)level);
    return 1;
}
