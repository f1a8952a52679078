// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"

#include <lauxlib.h>
#include <string.h>

// Lua would loop n times over nothing, without allocating and without an instruction.
int plugin_string_rep(lua_State *L)
{
    size_t length, separator_length = 0;
    luaL_checklstring(L, 1, &length);
    luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator_length);
    if (length == 0 && separator_length == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    return image_of(L)->stock_rep(L);
}

// Whether Lua's own %s would show an address for the value.
static bool text_has_address(lua_State *L, int index)
{
    int type = lua_type(L, index);
    return type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD || type == LUA_TUSERDATA ||
           type == LUA_TLIGHTUSERDATA;
}

// Gives Lua's string.format ready texts for %s, and never a %p.
int plugin_string_format(lua_State *L)
{
    size_t length;
    const char *format = luaL_checklstring(L, 1, &length);
    const char *end = format + length;
    int count = lua_gettop(L);
    int argument = 1;
    for (const char *at = format; at < end; at++) {
        if (*at != '%')
            continue;
        at++;
        if (*at == '%')
            continue;
        argument++;
        at += strspn(at, "-+#0 123456789.");
        if (*at == 'p')
            return luaL_error(L, "invalid conversion '%%p' to 'format': addresses are not shown");
        if (*at == 's' && argument <= count && text_has_address(L, argument)) {
            push_text(L, argument, NULL);
            lua_replace(L, argument);
        }
    }
    return image_of(L)->stock_format(L);
}
