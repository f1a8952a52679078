// SPDX-License-Identifier: Apache-2.0
// Coroutines as in Lua 5.4's lcorolib.c, but the image always knows which one is running (the limits' hook
// has to be set on that one), creating one is charged for, and the stack of one that dies of an error is
// kept.
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"

#include <lauxlib.h>

enum coroutine_state { CO_RUNNING, CO_DEAD, CO_SUSPENDED, CO_NORMAL };
static const char *const state_names[] = {"running", "dead", "suspended", "normal"};

static lua_State *check_coroutine(lua_State *L, int argument)
{
    lua_State *co = lua_tothread(L, argument);
    luaL_argexpected(L, co != NULL, argument, "thread");
    return co;
}

static enum coroutine_state state_of(lua_State *L, lua_State *co)
{
    if (L == co)
        return CO_RUNNING;
    lua_Debug ar;
    switch (lua_status(co)) {
    case LUA_YIELD:
        return CO_SUSPENDED;
    case LUA_OK:
        if (lua_getstack(co, 0, &ar)) // it has frames: it waits for one that it resumed
            return CO_NORMAL;
        return lua_gettop(co) == 0 ? CO_DEAD : CO_SUSPENDED; // no function left to start: dead
    default:
        return CO_DEAD;
    }
}

// The stack of a coroutine that ended in an error, before it is unwound. If the error came to it from another
// one that it had resumed through coroutine.wrap, that one's frames are kept in front.
static void keep_trace(struct lua_image *image, lua_State *co)
{
    lua_Debug ar;
    bool passed_on = false;
    if (image->coroutine_died && lua_getstack(co, 0, &ar)) {
        lua_getinfo(co, "f", &ar);
        passed_on = lua_tocfunction(co, -1) == coroutine_wrapped;
        lua_pop(co, 1);
    }
    if (!passed_on)
        image->coroutine_trace.count = 0;
    traceback_append(image, co, 0, TRACE_LIBRARY_NAMES, &image->coroutine_trace);
    image->coroutine_died = true;
}

// Returns the number of results pushed, or -1 with the error pushed.
static int resume(lua_State *L, lua_State *co, int argument_count)
{
    if (!lua_checkstack(co, argument_count)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, argument_count);
    struct lua_image *image = image_of(L);
    struct coroutine_link link = {.L = co, .parent = image->running};
    int result_count = 0;
    image->running = &link;
    int status = lua_resume(co, L, argument_count, &result_count);
    image->running = link.parent;
    if (status != LUA_OK && status != LUA_YIELD) {
        keep_trace(image, co);
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, result_count + 1)) {
        lua_pop(co, result_count);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, result_count);
    return result_count;
}

// Its __close handlers run now, in it.
static int close_coroutine(lua_State *L, lua_State *co)
{
    struct lua_image *image = image_of(L);
    struct coroutine_link link = {.L = co, .parent = image->running};
    image->running = &link;
    int status = lua_closethread(co, L);
    image->running = link.parent;
    return status;
}

int plugin_coroutine_resume(lua_State *L)
{
    lua_State *co = check_coroutine(L, 1);
    int result_count = resume(L, co, lua_gettop(L) - 1);
    lua_pushboolean(L, result_count >= 0);
    result_count = result_count >= 0 ? result_count : 1;
    lua_insert(L, -(result_count + 1));
    return result_count + 1;
}

int coroutine_wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int result_count = resume(L, co, lua_gettop(L));
    if (result_count >= 0)
        return result_count;
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD) { // it died; otherwise it could not be resumed
        status = close_coroutine(L, co);
        lua_xmove(co, L, 1);
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

int plugin_coroutine_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    limit_watch_charge_coroutine(image_of(L), L);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

int plugin_coroutine_wrap(lua_State *L)
{
    plugin_coroutine_create(L);
    lua_pushcclosure(L, coroutine_wrapped, 1);
    return 1;
}

int plugin_coroutine_yield(lua_State *L)
{
    return lua_yield(L, lua_gettop(L));
}

int plugin_coroutine_status(lua_State *L)
{
    lua_pushstring(L, state_names[state_of(L, check_coroutine(L, 1))]);
    return 1;
}

int plugin_coroutine_isyieldable(lua_State *L)
{
    lua_State *co = lua_isnone(L, 1) ? L : check_coroutine(L, 1);
    lua_pushboolean(L, lua_isyieldable(co));
    return 1;
}

int plugin_coroutine_running(lua_State *L)
{
    bool is_main = lua_pushthread(L);
    lua_pushboolean(L, is_main);
    return 2;
}

int plugin_coroutine_close(lua_State *L)
{
    lua_State *co = check_coroutine(L, 1);
    enum coroutine_state state = state_of(L, co);
    if (state != CO_DEAD && state != CO_SUSPENDED)
        return luaL_error(L, "cannot close a %s coroutine", state_names[state]);
    bool closed = close_coroutine(L, co) == LUA_OK;
    lua_pushboolean(L, closed);
    if (closed)
        return 1;
    lua_xmove(co, L, 1);
    return 2;
}
