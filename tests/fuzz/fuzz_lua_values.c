// SPDX-License-Identifier: Apache-2.0
// Lua values of every odd shape to JSON: the input is a little program that builds tables. Whatever it
// builds, writing it raises nothing, and what is written is strict JSON within the limits.
#include "base/utf8.h"
#include "runtime/lua/json_from_lua.h"
#include "runtime/lua/json_to_lua.h"
#include "runtime/lua/json_values.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/bare_lua.h"

#include <string.h>

enum { STACK_MAX = 40 };

struct program {
    const uint8_t *at;
    const uint8_t *end;
};

static uint8_t next(struct program *program)
{
    return program->at < program->end ? *program->at++ : 0;
}

static void push_string(lua_State *L, struct program *program)
{
    size_t length = next(program) % 8;
    if (length > (size_t)(program->end - program->at))
        length = (size_t)(program->end - program->at);
    lua_pushlstring(L, (const char *)program->at, length);
    program->at += length;
}

static void push_double(lua_State *L, struct program *program)
{
    uint8_t bytes[8];
    double value;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = next(program);
    memcpy(&value, bytes, sizeof value);
    lua_pushnumber(L, value);
}

static void push_value(lua_State *L, struct program *program, uint8_t kind)
{
    switch (kind % 10) {
    case 0:
        lua_pushnil(L);
        return;
    case 1:
        lua_pushboolean(L, next(program) & 1);
        return;
    case 2:
        lua_pushinteger(L, (int8_t)next(program));
        return;
    case 3:
        push_double(L, program);
        return;
    case 4:
        push_string(L, program);
        return;
    case 5:
        lua_push_json_null(L);
        return;
    case 6:
        lua_newtable(L);
        lua_mark_json_array(L, -1);
        return;
    case 7:
        lua_pushvalue(L, 1 + next(program) % lua_gettop(L)); // sharing, and cycles
        return;
    default:
        lua_newtable(L);
        return;
    }
}

// Puts the value at the top into the table below it, under a key of some kind; drops it if there is none.
static void store(lua_State *L, struct program *program)
{
    if (lua_gettop(L) < 2 || !lua_istable(L, -2)) {
        lua_settop(L, lua_gettop(L) > 1 ? lua_gettop(L) - 1 : 1);
        return;
    }
    uint8_t kind = next(program);
    if (kind % 2 == 0)
        lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -2) + 1);
    else
        push_value(L, program, kind / 2);
    bool usable =
        !lua_isnil(L, -1) && (lua_type(L, -1) != LUA_TNUMBER || lua_tonumber(L, -1) == lua_tonumber(L, -1));
    if (!usable) {
        lua_pop(L, 2);
        return;
    }
    lua_insert(L, -2);
    lua_rawset(L, -3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct program program = {.at = data, .end = data + size};
    struct lua_json_limits limits = {.depth = 1 + next(&program) % 32, .bytes = 1u << next(&program) % 16};
    limits.nodes = 1u << next(&program) % 12;
    char message[LUA_JSON_MESSAGE_SIZE];
    struct json_fault fault;
    lua_State *L = bare_lua_new();
    lua_settop(L, 0);
    lua_newtable(L);
    while (program.at < program.end) {
        uint8_t operation = next(&program);
        if (operation % 2 == 0 && lua_gettop(L) < STACK_MAX)
            push_value(L, &program, operation / 2);
        else
            store(L, &program);
    }
    int top = lua_gettop(L);
    struct buffer out = buffer_make(1 << 20);
    enum lua_json_status status = lua_write_json(L, 1, &limits, &out, message);
    require(lua_gettop(L) == top && buffer_ok(&out) && status != LUA_JSON_NO_MEMORY);
    struct bytes text = bytes_of(out.data, out.length);
    if (status == LUA_JSON_OK)
        require(text.length <= limits.bytes && json_check(text, limits.depth, NULL) &&
                lua_push_json(L, text, limits.depth, &fault));
    else
        require(text.length == 0 && strlen(message) > 0 && utf8_valid(bytes_of_text(message)));
    buffer_free(&out);
    lua_close(L);
    return 0;
}
