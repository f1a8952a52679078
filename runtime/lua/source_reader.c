// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/source_reader.h"

#include "runtime/lua/image.h"

#include <lauxlib.h>
#include <string.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";

static const char *next_piece(lua_State *L, void *ud, size_t *ret_length)
{
    (void)L;
    struct source_reader *reader = ud;
    size_t left = reader->code.length - reader->offset;
    const char *piece = reader->code.data + reader->offset;
    if (reader->offset > 0 && piece[-1] == '\n')
        reader->line++;
    const char *newline = left > 0 && !reader->byte_by_byte ? memchr(piece, '\n', left) : NULL;
    size_t length = newline != NULL ? (size_t)(newline - piece) + 1 : left;
    if (reader->byte_by_byte && left > 0)
        length = 1;
    reader->offset += length;
    *ret_length = length;
    return piece;
}

struct bytes source_text(struct bytes code)
{
    bool marked = code.length >= 3 && memcmp(code.data, byte_order_mark, 3) == 0;
    return marked ? bytes_of(code.data + 3, code.length - 3) : code;
}

int source_load(lua_State *L, struct source_reader *reader)
{
    struct lua_image *image = image_of(L);
    reader->offset = reader->code.length - source_text(reader->code).length;
    // A "=" before the name says that it is to be shown as it is.
    lua_pushlstring(L, "=", 1);
    lua_pushlstring(L, reader->name.data, reader->name.length);
    lua_concat(L, 2);
    struct source_reader *outer = image->compiling;
    image->compiling = reader;
    int status = lua_load(L, next_piece, reader, lua_tostring(L, -1), "t");
    image->compiling = outer;
    lua_remove(L, -2);
    return status;
}

uint32_t source_message_line(struct bytes name, const char *message, const char **ret_text)
{
    if (ret_text != NULL)
        *ret_text = message;
    // Lua cuts a long name.
    size_t length = name.length < LUA_IDSIZE - 1 ? name.length : LUA_IDSIZE - 1;
    if (strncmp(message, name.data, length) != 0 || message[length] != ':')
        return 0;
    uint32_t line = 0;
    const char *at = message + length + 1;
    for (; *at >= '0' && *at <= '9' && line < UINT32_MAX / 10 - 1; at++)
        line = line * 10 + (uint32_t)(*at - '0');
    if (line == 0 || *at != ':')
        return 0;
    if (ret_text != NULL)
        *ret_text = at[1] == ' ' ? at + 2 : at + 1;
    return line;
}

bool source_compile(lua_State *L, struct bytes name, struct bytes code, uint32_t *ret_line)
{
    *ret_line = 0;
    struct source_reader reader = {.name = name, .code = code, .line = 1};
    if (code.length > 0 && code.data[0] == LUA_SIGNATURE[0]) {
        lua_pushlstring(L, name.data, name.length);
        lua_pushliteral(L, ": this is bytecode; a plugin is Lua text");
        lua_concat(L, 2);
        return false;
    }
    if (source_load(L, &reader) == LUA_OK)
        return true;
    const char *message = lua_tostring(L, -1);
    *ret_line = message != NULL ? source_message_line(name, message, NULL) : 0;
    return false;
}
