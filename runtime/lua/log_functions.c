// SPDX-License-Identifier: Apache-2.0
// print and log.*: every line is a frame of its own, written before the call returns, so that a run that is
// killed still has its lines.
#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/utf8.h"
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"
#include "runtime/protocol/exit_codes.h"

#include <lauxlib.h>
#include <unistd.h>

enum { FRAME_ROOM = 64 }; // header, level, time and length of a log frame

// For the text of one more line. False if there is no room for a line at all.
static bool room_left(const struct lua_image *image, size_t *ret_room)
{
    uint64_t limit = image->job->limits.value[LIMIT_LOG_BYTES];
    uint64_t used = image->log_bytes + LOG_LINE_OVERHEAD;
    if (used > limit)
        return false;
    *ret_room = limit - used < LOG_MESSAGE_MAX ? (size_t)(limit - used) : LOG_MESSAGE_MAX;
    return true;
}

static void write_frame(struct lua_image *image, const struct log_line *line)
{
    struct buffer frame = buffer_make(line->message.length + FRAME_ROOM);
    log_line_encode(&frame, line);
    if (!buffer_ok(&frame)) { // no memory for it
        image->logs_truncated = true;
        return;
    }
    image->writing_log = 1;
    bool written = fd_write_all(image->socket, frame.data, frame.length, NULL);
    image->writing_log = 0;
    if (!written)
        _exit(EXIT_ENGINE_GONE);
    buffer_free(&frame);
}

static void write_line(struct lua_image *image, enum log_level level, struct bytes text)
{
    size_t room;
    if (!room_left(image, &room)) {
        image->logs_truncated = true;
        return;
    }
    struct buffer clean = buffer_make(room + 1);
    struct bytes message = text;
    if (!utf8_valid(text)) {
        utf8_put_clean(&clean, text, room);
        message = bytes_of(clean.data, clean.length);
        image->logs_truncated = image->logs_truncated || !buffer_ok(&clean);
    }
    size_t kept = utf8_cut(message, room);
    if (kept < message.length)
        image->logs_truncated = true;
    // A line that was empty is one; of a line that does not fit, something must be left.
    if (kept > 0 || text.length == 0) {
        image->log_bytes += kept + LOG_LINE_OVERHEAD;
        write_frame(image, &(struct log_line){
                               .level = level,
                               .at_ns = clock_monotonic_ns() - image->limits.wall_start_ns,
                               .message = bytes_of(message.data, kept),
                           });
    }
    buffer_free(&clean);
}

// The arguments' texts, with tabs between them, as print has them.
static int log_arguments(lua_State *L, enum log_level level)
{
    int count = lua_gettop(L);
    if (count == 1 && lua_type(L, 1) == LUA_TSTRING) {
        struct bytes text;
        text.data = lua_tolstring(L, 1, &text.length);
        write_line(image_of(L), level, text);
        return 0;
    }
    luaL_Buffer gathered;
    luaL_buffinit(L, &gathered);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&gathered, '\t');
        push_text(L, i, NULL);
        luaL_addvalue(&gathered);
    }
    luaL_pushresult(&gathered);
    struct bytes text;
    text.data = lua_tolstring(L, -1, &text.length);
    write_line(image_of(L), level, text);
    return 0;
}

int plugin_print(lua_State *L)
{
    return log_arguments(L, LOG_LEVEL_INFO);
}

int plugin_log_debug(lua_State *L)
{
    return log_arguments(L, LOG_LEVEL_DEBUG);
}

int plugin_log_info(lua_State *L)
{
    return log_arguments(L, LOG_LEVEL_INFO);
}

int plugin_log_warn(lua_State *L)
{
    return log_arguments(L, LOG_LEVEL_WARN);
}

int plugin_log_error(lua_State *L)
{
    return log_arguments(L, LOG_LEVEL_ERROR);
}
