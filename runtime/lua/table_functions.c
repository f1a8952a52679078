// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/functions.h"

#include <lauxlib.h>
#include <stdbool.h>

// Stack slots of sort_keys and what it calls.
enum { KEYS = 2 };

static int rank_of(int type)
{
    return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

// Whether the key at `a` comes before that at `b`: both raw, so no metamethod is called.
static bool comes_before(lua_State *L, int a, int b)
{
    int rank_a = rank_of(lua_type(L, a)), rank_b = rank_of(lua_type(L, b));
    if (rank_a != rank_b)
        return rank_a < rank_b;
    if (rank_a == 2)
        return !lua_toboolean(L, a) && lua_toboolean(L, b);
    return lua_compare(L, a, b, LUA_OPLT);
}

// Heap sort: in place, no recursion, and no worst case.
static void sift_down(lua_State *L, lua_Integer from, lua_Integer count)
{
    lua_rawgeti(L, KEYS, from);
    int sinking = lua_gettop(L);
    for (lua_Integer child = from * 2; child <= count; child = from * 2) {
        lua_rawgeti(L, KEYS, child);
        if (child < count) {
            lua_rawgeti(L, KEYS, child + 1);
            if (comes_before(L, -2, -1)) {
                lua_remove(L, -2);
                child++;
            } else {
                lua_pop(L, 1);
            }
        }
        if (!comes_before(L, sinking, -1)) {
            lua_pop(L, 1);
            break;
        }
        lua_rawseti(L, KEYS, from);
        from = child;
    }
    lua_rawseti(L, KEYS, from);
}

static void sort_keys(lua_State *L, lua_Integer count)
{
    for (lua_Integer i = count / 2; i >= 1; i--)
        sift_down(L, i, count);
    for (lua_Integer last = count; last > 1; last--) {
        lua_rawgeti(L, KEYS, 1);
        lua_rawgeti(L, KEYS, last);
        lua_rawseti(L, KEYS, 1);
        lua_rawseti(L, KEYS, last);
        sift_down(L, 1, last - 1);
    }
}

// Upvalues: the table, its sorted keys, how many of them are given out.
static int next_sorted(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        at++;
        lua_settop(L, 0);
        if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, 1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
            break; // else it was removed meanwhile
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

int plugin_sorted_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_newtable(L);
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        int type = lua_type(L, -1);
        if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
            return luaL_error(L, "sorted_pairs: a key is a %s, which has no order", lua_typename(L, type));
        lua_pushvalue(L, -1);
        lua_rawseti(L, KEYS, ++count);
    }
    sort_keys(L, count);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_sorted, 3);
    return 1;
}
