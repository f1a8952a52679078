// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/error_report.h"

#include "base/buffer.h"
#include "base/utf8.h"
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"
#include "runtime/lua/json_from_lua.h"
#include "runtime/lua/verdict.h"

#include <lauxlib.h>
#include <string.h>

int error_keep_trace(lua_State *L)
{
    struct lua_image *image = image_of(L);
    struct traceback *trace = &image->error_trace;
    trace->count = 0;
    lua_Debug ar;
    // What a dead coroutine left counts only if it is coroutine.wrap that raises this error.
    if (image->coroutine_died && lua_getstack(L, 1, &ar) && lua_getinfo(L, "f", &ar)) {
        if (lua_tocfunction(L, -1) == coroutine_wrapped)
            *trace = image->coroutine_trace;
        lua_pop(L, 1);
    }
    // Level 0 is this handler.
    traceback_append(image, L, 1, TRACE_LIBRARY_NAMES, trace);
    return 1;
}

// Pushes the text of the error at 1: protected, since it may call the plugin's __tostring.
static int describe(lua_State *L)
{
    int type = lua_type(L, 1);
    if (type == LUA_TSTRING || type == LUA_TNUMBER || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
        push_text(L, 1, NULL);
        return 1;
    }
    if (type == LUA_TTABLE) {
        lua_pushliteral(L, "message");
        if (lua_rawget(L, 1) == LUA_TSTRING)
            return 1;
    }
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    return 1;
}

// The text of the error at `index`, valid UTF-8, in `out`.
static struct bytes describe_protected(lua_State *L, int index, struct buffer *out)
{
    lua_pushcfunction(L, describe);
    lua_pushvalue(L, index);
    struct bytes text = bytes_of_text("(error object whose __tostring failed)");
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING)
        text.data = lua_tolstring(L, -1, &text.length);
    utf8_put_clean(out, text, utf8_valid(text) ? utf8_cut(text, WORKER_TEXT_MAX) : WORKER_TEXT_MAX);
    return bytes_of(out->data, out->length);
}

void error_end_syntax(struct lua_image *image, struct bytes message, struct bytes source, uint32_t line)
{
    struct buffer clean = buffer_make(WORKER_TEXT_MAX + 1);
    utf8_put_clean(&clean, message, WORKER_TEXT_MAX);
    struct worker_result result = {
        .outcome = OUTCOME_SYNTAX_ERROR,
        .message = bytes_of(clean.data, clean.length),
    };
    struct traceback *trace = &image->error_trace;
    if (image->phase == PHASE_LOAD)
        trace->count = 0;
    traceback_prepend(trace, source, line);
    result.traceback_count = traceback_frames(trace, result.traceback);
    heap_check_refusal(image);
    verdict_result(image, &result);
}

// Whether the error is the one that `require` raised because a module does not compile.
static bool is_module_syntax(const struct lua_image *image, lua_State *L)
{
    if (!image->module_syntax.failed || lua_type(L, -1) != LUA_TSTRING)
        return false;
    size_t length = strlen(image->module_syntax.message);
    return strncmp(lua_tostring(L, -1), image->module_syntax.message, length) == 0;
}

void error_end_run(struct lua_image *image)
{
    lua_State *L = image->L;
    int error = lua_gettop(L);
    heap_check_refusal(image);
    if (is_module_syntax(image, L)) {
        struct bytes message;
        message.data = lua_tolstring(L, error, &message.length);
        error_end_syntax(image, message, image->module_syntax.source, image->module_syntax.line);
    }
    struct lua_json_limits limits = image_json_limits(image);
    struct buffer text = buffer_make(WORKER_TEXT_MAX + 1), value = buffer_make(limits.bytes);
    struct worker_result result = {.outcome = OUTCOME_PLUGIN_ERROR};
    lua_checkstack(L, LUA_MINSTACK);
    result.message = describe_protected(L, error, &text);
    if (lua_istable(L, error)) {
        char why[LUA_JSON_MESSAGE_SIZE];
        if (lua_write_json(L, error, &limits, &value, why) == LUA_JSON_OK)
            result.value = bytes_of(value.data, value.length);
    }
    heap_check_refusal(image);
    result.traceback_count = traceback_frames(&image->error_trace, result.traceback);
    verdict_result(image, &result);
}
