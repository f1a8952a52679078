// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/json_from_lua.h"

#include "base/json_cursor.h"
#include "base/json_number.h"
#include "base/json_write.h"
#include "base/require.h"
#include "base/utf8.h"
#include "runtime/lua/json_members.h"
#include "runtime/lua/json_place.h"
#include "runtime/lua/json_values.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    SLOTS = 6, // of the Lua stack that one level needs
    PATH_SIZE = 320,
    WHAT_SIZE = 160,
};

struct writer {
    lua_State *L;
    const struct lua_json_limits *limits;
    struct buffer *out;
    struct json_members members;
    size_t nodes;
    enum lua_json_status status; // of the first failure
    char *message;
};

static bool write_value(struct writer *writer, struct json_place *place, unsigned depth);

static bool refuse(struct writer *writer, enum lua_json_status status, const struct json_place *place,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

static bool refuse(struct writer *writer, enum lua_json_status status, const struct json_place *place,
                   const char *format, ...)
{
    char path[PATH_SIZE];
    char what[WHAT_SIZE];
    json_place_text(place, path, sizeof path);
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(writer->message, LUA_JSON_MESSAGE_SIZE, "%s: %s", path, what);
    writer->status = status;
    return false;
}

static bool out_of_memory(struct writer *writer)
{
    snprintf(writer->message, LUA_JSON_MESSAGE_SIZE, "not enough memory to write the value as JSON");
    writer->status = LUA_JSON_NO_MEMORY;
    return false;
}

// What was appended may not have fitted.
static bool check_room(struct writer *writer)
{
    if (buffer_ok(writer->out))
        return true;
    if (writer->out->exhausted)
        return out_of_memory(writer);
    snprintf(writer->message, LUA_JSON_MESSAGE_SIZE, "the JSON text would be longer than %zu bytes",
             writer->limits->bytes);
    writer->status = LUA_JSON_TOO_LONG;
    return false;
}

// A key of a table as a person would write it, for a message.
static void key_text(lua_State *L, int index, char text[64])
{
    char quoted[56];
    if (lua_isinteger(L, index)) {
        snprintf(text, 64, "index %lld", (long long)lua_tointeger(L, index));
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        char number[JSON_DOUBLE_TEXT_SIZE] = "infinity";
        if (isfinite(lua_tonumber(L, index)))
            json_number_text(lua_tonumber(L, index), number);
        snprintf(text, 64, "key %s", number);
    } else if (lua_type(L, index) == LUA_TSTRING) {
        struct bytes name;
        name.data = lua_tolstring(L, index, &name.length);
        name.length = utf8_cut(name, 24);
        struct buffer out = buffer_over(quoted, sizeof quoted);
        json_put_string(&out, name);
        snprintf(text, 64, "key %s", buffer_ok(&out) ? quoted : "that is not readable");
    } else {
        snprintf(text, 64, "a %s key", lua_typename(L, lua_type(L, index)));
    }
}

// The table at the top has items 1..length and should have nothing else; tells what is wrong with it if not.
static bool check_array(struct writer *writer, const struct json_place *place, lua_Unsigned length)
{
    lua_State *L = writer->L;
    lua_Unsigned items = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1) && (lua_Unsigned)lua_tointeger(L, -1) - 1 < length) {
            items++;
            continue;
        }
        if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0)
            return refuse(writer, LUA_JSON_INVALID, place,
                          "an array with a hole has no JSON form: index %llu is nil, index %lld is not",
                          (unsigned long long)length + 1, (long long)lua_tointeger(L, -1));
        char key[64];
        key_text(L, -1, key);
        return refuse(writer, LUA_JSON_INVALID, place, "an array that also has %s has no JSON form", key);
    }
    for (lua_Unsigned i = 1; items < length && i <= length; i++) {
        bool hole = lua_rawgeti(L, -1, (lua_Integer)i) == LUA_TNIL;
        lua_pop(L, 1);
        if (hole)
            return refuse(writer, LUA_JSON_INVALID, place,
                          "an array with a hole has no JSON form: index %llu is nil, index %llu is not",
                          (unsigned long long)i, (unsigned long long)length);
    }
    return true;
}

static bool write_array(struct writer *writer, struct json_place *place, unsigned depth, lua_Unsigned length)
{
    if (!check_array(writer, place, length))
        return false;
    buffer_append_byte(writer->out, '[');
    for (lua_Unsigned i = 1; i <= length; i++) {
        struct json_place item = {.parent = place, .in_array = true, .index = (long long)i};
        if (i > 1)
            buffer_append_byte(writer->out, ',');
        lua_rawgeti(writer->L, -1, (lua_Integer)i);
        bool written = write_value(writer, &item, depth);
        lua_pop(writer->L, 1);
        if (!written)
            return false;
    }
    buffer_append_byte(writer->out, ']');
    return check_room(writer);
}

// The key is below the value at the top of the stack.
static bool write_member(struct writer *writer, struct json_place *place, unsigned depth, bool is_first)
{
    lua_State *L = writer->L;
    struct buffer *out = writer->out;
    if (lua_type(L, -2) != LUA_TSTRING) {
        char key[64];
        key_text(L, -2, key);
        if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > 0)
            return refuse(writer, LUA_JSON_INVALID, place,
                          "an array with a hole has no JSON form: index 1 is nil, %s is not", key);
        return refuse(writer, LUA_JSON_INVALID, place,
                      "the names of an object must be strings, but this table has %s", key);
    }
    struct json_place member = {.parent = place};
    member.name.data = lua_tolstring(L, -2, &member.name.length);
    if (!utf8_valid(member.name))
        return refuse(writer, LUA_JSON_INVALID, &member, "the name is not valid UTF-8");
    if (!is_first)
        buffer_append_byte(out, ',');
    struct json_member row = {.begin = (uint32_t)out->length};
    json_put_string(out, member.name);
    row.name_end = (uint32_t)out->length;
    buffer_append_byte(out, ':');
    if (!write_value(writer, &member, depth))
        return false;
    row.end = (uint32_t)out->length;
    return json_members_add(&writer->members, row) || out_of_memory(writer);
}

static bool write_object(struct writer *writer, struct json_place *place, unsigned depth)
{
    lua_State *L = writer->L;
    size_t first = writer->members.count;
    buffer_append_byte(writer->out, '{');
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (!write_member(writer, place, depth, writer->members.count == first))
            return false;
        lua_pop(L, 1);
    }
    buffer_append_byte(writer->out, '}');
    if (!check_room(writer))
        return false;
    return json_members_sort(&writer->members, first, writer->out->data) || out_of_memory(writer);
}

static bool write_table(struct writer *writer, struct json_place *place, unsigned depth)
{
    lua_State *L = writer->L;
    place->table = lua_topointer(L, -1);
    const struct json_place *same = json_place_above(place, place->table);
    if (same != NULL) {
        char path[WHAT_SIZE / 2];
        json_place_text(same, path, sizeof path);
        return refuse(writer, LUA_JSON_INVALID, place,
                      "a table that contains itself has no JSON form: this is %s again", path);
    }
    if (depth == writer->limits->depth)
        return refuse(writer, LUA_JSON_INVALID, place, "nested deeper than %u levels", writer->limits->depth);
    if (!lua_checkstack(L, SLOTS))
        return out_of_memory(writer);
    lua_Unsigned length = lua_rawlen(L, -1);
    if (length > 0 || lua_is_json_array(L, -1))
        return write_array(writer, place, depth + 1, length);
    return write_object(writer, place, depth + 1);
}

static bool write_string(struct writer *writer, const struct json_place *place)
{
    struct bytes text;
    text.data = lua_tolstring(writer->L, -1, &text.length);
    if (!utf8_valid(text))
        return refuse(writer, LUA_JSON_INVALID, place, "the string is not valid UTF-8 (byte %zu)",
                      utf8_valid_length(text) + 1);
    json_put_string(writer->out, text);
    return check_room(writer);
}

static bool write_number(struct writer *writer, const struct json_place *place)
{
    lua_State *L = writer->L;
    if (lua_isinteger(L, -1)) {
        json_put_integer(writer->out, lua_tointeger(L, -1));
        return check_room(writer);
    }
    double value = lua_tonumber(L, -1);
    if (!isfinite(value))
        return refuse(writer, LUA_JSON_INVALID, place, "%s has no JSON form",
                      isnan(value) ? "NaN" : "infinity");
    char text[JSON_DOUBLE_TEXT_SIZE];
    size_t length = json_number_text(value, text);
    buffer_append(writer->out, text, length);
    if (strpbrk(text, ".e") == NULL)
        buffer_append_text(writer->out, ".0");
    return check_room(writer);
}

// The value at the top of the Lua stack, which stays there.
static bool write_value(struct writer *writer, struct json_place *place, unsigned depth)
{
    lua_State *L = writer->L;
    if (++writer->nodes > writer->limits->nodes) {
        refuse(writer, LUA_JSON_TOO_LONG, place, "more than %zu values", writer->limits->nodes);
        return false;
    }
    switch (lua_type(L, -1)) {
    case LUA_TNIL:
        buffer_append_text(writer->out, "null");
        return check_room(writer);
    case LUA_TBOOLEAN:
        buffer_append_text(writer->out, lua_toboolean(L, -1) ? "true" : "false");
        return check_room(writer);
    case LUA_TNUMBER:
        return write_number(writer, place);
    case LUA_TSTRING:
        return write_string(writer, place);
    case LUA_TTABLE:
        return write_table(writer, place, depth);
    case LUA_TLIGHTUSERDATA:
        if (!lua_is_json_null(L, -1))
            break;
        buffer_append_text(writer->out, "null");
        return check_room(writer);
    case LUA_TTHREAD:
        return refuse(writer, LUA_JSON_INVALID, place, "a coroutine has no JSON form");
    default:
        break;
    }
    return refuse(writer, LUA_JSON_INVALID, place, "a %s has no JSON form", lua_typename(L, lua_type(L, -1)));
}

enum lua_json_status lua_write_json(lua_State *L, int index, const struct lua_json_limits *limits,
                                    struct buffer *out, char message[LUA_JSON_MESSAGE_SIZE])
{
    require(limits->depth >= 1 && limits->depth <= JSON_DEPTH_MAX && buffer_ok(out));
    struct writer writer = {.L = L, .limits = limits, .out = out, .message = message};
    size_t begin = out->length;
    size_t maximum = out->maximum;
    if (limits->bytes < maximum - begin)
        out->maximum = begin + limits->bytes;
    // Members keep 32-bit offsets.
    require(out->maximum <= UINT32_MAX);
    int top = lua_gettop(L);
    struct json_place root = {0};
    if (!lua_checkstack(L, SLOTS)) {
        out_of_memory(&writer);
    } else {
        lua_pushvalue(L, index);
        if (!write_value(&writer, &root, 0) && out->data != NULL) {
            out->length = begin;
            out->data[begin] = '\0';
        }
    }
    lua_settop(L, top);
    json_members_free(&writer.members);
    out->maximum = maximum;
    out->failed = false;
    out->exhausted = false;
    return writer.status;
}
