// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"

#include <lauxlib.h>

// Lua's own returns the seed, half of which is an address when it had to make one up.
int plugin_randomseed(lua_State *L)
{
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    if (count == 0) {
        struct lua_image *image = image_of(L);
        lua_pushinteger(L, (lua_Integer)image->job->seed);
        lua_pushinteger(L, (lua_Integer)++image->reseeds);
        count = 2;
    }
    lua_call(L, count, 0);
    return 0;
}
