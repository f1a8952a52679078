// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/json_to_lua.h"

#include "base/json_number.h"
#include "runtime/lua/json_values.h"

#include <stdint.h>

enum {
    SHORT_STRING = 512, // longest string whose escapes are resolved on the C stack
    LEVEL_SLOTS = 2,    // what an open level keeps on the Lua stack: the table, and the name of a member
    WORK_SLOTS = 6,     // what pushing a value needs besides
};

// One text on its way into Lua.
struct builder {
    lua_State *L;
    struct json_cursor cursor;
    uint32_t item_count[JSON_DEPTH_MAX]; // of each open array; texts have below 2^32 bytes
};

static void push_string(struct builder *builder)
{
    struct bytes span = builder->cursor.span;
    if (!builder->cursor.has_escapes) {
        lua_pushlstring(builder->L, span.data, span.length);
        return;
    }
    char small[SHORT_STRING];
    if (span.length <= sizeof small) {
        lua_pushlstring(builder->L, small, json_unescape(span, small));
        return;
    }
    // Lua's own memory, so that it is counted, and nothing leaks when pushing the string fails.
    char *large = lua_newuserdatauv(builder->L, span.length, 0);
    lua_pushlstring(builder->L, large, json_unescape(span, large));
    lua_remove(builder->L, -2);
}

// The value just pushed goes where it belongs: into the open array or member, or it stays as the result.
static void store(struct builder *builder)
{
    unsigned depth = builder->cursor.depth;
    if (depth == 0)
        return;
    if (lua_istable(builder->L, -2)) {
        lua_rawseti(builder->L, -2, ++builder->item_count[depth - 1]);
        return;
    }
    lua_rawset(builder->L, -3);
}

static void push_null(struct builder *builder)
{
    if (builder->cursor.depth == 0)
        lua_pushnil(builder->L);
    else
        lua_push_json_null(builder->L);
}

// Handles one token; sets `ret_done` at the end. False at a fault.
static bool take_token(struct builder *builder, enum json_token token, bool *ret_done)
{
    lua_State *L = builder->L;
    switch (token) {
    case JSON_OBJECT_BEGIN:
    case JSON_ARRAY_BEGIN:
        if (!lua_checkstack(L, LEVEL_SLOTS + WORK_SLOTS))
            return json_refuse(&builder->cursor, "nested too deep for the Lua stack"), false;
        lua_newtable(L);
        if (token == JSON_ARRAY_BEGIN)
            lua_mark_json_array(L, -1);
        builder->item_count[builder->cursor.depth - 1] = 0;
        return true;
    case JSON_NAME:
        push_string(builder);
        return true;
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        break;
    case JSON_STRING:
        push_string(builder);
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, builder->cursor.integer);
        break;
    case JSON_FLOAT:
        lua_pushnumber(L, json_number_to_double(builder->cursor.span));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, token == JSON_TRUE);
        break;
    case JSON_NULL:
        push_null(builder);
        break;
    case JSON_END:
        *ret_done = true;
        return true;
    case JSON_FAULT:
        return false;
    }
    store(builder);
    return true;
}

bool lua_push_json(lua_State *L, struct bytes text, unsigned depth_maximum, struct json_fault *ret_fault)
{
    struct builder builder;
    builder.L = L;
    json_cursor_init(&builder.cursor, text, depth_maximum);
    int top = lua_gettop(L);
    bool done = false;
    bool good = lua_checkstack(L, WORK_SLOTS) != 0;
    if (!good)
        json_refuse(&builder.cursor, "the Lua stack is full");
    while (good && !done)
        good = take_token(&builder, json_next(&builder.cursor), &done);
    if (!good) {
        lua_settop(L, top);
        *ret_fault = builder.cursor.fault;
    }
    return good;
}
