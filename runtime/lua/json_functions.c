// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"
#include "runtime/lua/json_from_lua.h"
#include "runtime/lua/json_to_lua.h"
#include "runtime/lua/json_values.h"

#include <lauxlib.h>

int plugin_json_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_argcheck(L, lua_mark_json_array(L, 1), 1, "a table with a metatable cannot be marked as an array");
    return 1;
}

int plugin_json_decode(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    struct bytes text;
    text.data = lua_tolstring(L, 1, &text.length);
    struct json_fault fault;
    unsigned depth = (unsigned)image_of(L)->job->limits.value[LIMIT_JSON_DEPTH];
    if (!lua_push_json(L, text, depth, &fault))
        return luaL_error(L, "json.decode: line %d, column %d: %s", (int)fault.line, (int)fault.column,
                          fault.what);
    return 1;
}

int plugin_json_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    struct lua_json_limits limits = image_json_limits(image_of(L));
    struct buffer text = buffer_make(limits.bytes);
    char message[LUA_JSON_MESSAGE_SIZE];
    if (lua_write_json(L, 1, &limits, &text, message) != LUA_JSON_OK) {
        buffer_free(&text);
        return luaL_error(L, "json.encode: %s", message);
    }
    // Raises nothing: if memory runs out here, the run ends here.
    lua_pushlstring(L, text.data, text.length);
    buffer_free(&text);
    return 1;
}
