// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/validate.h"

#include "base/buffer.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "runtime/lua/error_report.h"
#include "runtime/lua/image.h"
#include "runtime/lua/verdict.h"

#include <string.h>

enum { DIAGNOSTIC_ROOM = 2 * WORKER_TEXT_MAX };

// A place in one line of a source.
struct span {
    uint32_t column, end_column; // 0: not known
};

// What the message says the fault is near to: "x" of "... near 'x'"; empty for <eof> and where there is none.
static struct bytes near_token(const char *message)
{
    static const char near[] = " near '";
    const char *found = NULL;
    for (const char *at = strstr(message, near); at != NULL; at = strstr(at + 1, near))
        found = at;
    size_t length = strlen(message);
    if (found == NULL || message[length - 1] != '\'')
        return bytes_of("", 0);
    const char *token = found + strlen(near);
    const char *end = message + length - 1;
    return bytes_of(token, end > token ? (size_t)(end - token) : 0);
}

static uint32_t characters(const char *from, const char *to)
{
    uint32_t count = 0;
    for (const char *at = from; at < to; at++)
        count += ((unsigned char)*at & 0xc0) != 0x80;
    return count;
}

// The compiler has read one byte past the token at fault, or a token further: the token is the last place
// before `offset` where its text stands.
static struct span find_span(struct bytes code, size_t offset, struct bytes token)
{
    size_t start = offset;
    if (token.length > 0 && token.length <= offset) {
        start = offset - token.length;
        while (start > 0 && memcmp(code.data + start, token.data, token.length) != 0)
            start--;
        if (memcmp(code.data + start, token.data, token.length) != 0)
            return (struct span){0};
    }
    const char *line = code.data + start;
    while (line > code.data && line[-1] != '\n')
        line--;
    uint32_t column = characters(line, code.data + start) + 1;
    uint32_t width = characters(code.data + start, code.data + start + token.length);
    return (struct span){column, column + (width > 0 ? width : 1)};
}

static struct span locate(lua_State *L, const struct job_module *module, const char *message)
{
    // Again, byte by byte: how far the compiler came is where it stopped.
    struct source_reader reader = {
        .name = module->name, .code = module->code, .line = 1, .byte_by_byte = true};
    if (source_load(L, &reader) == LUA_OK)
        return (struct span){0};
    lua_pop(L, 1);
    return find_span(module->code, reader.offset, near_token(message));
}

static void put_diagnostic(struct buffer *out, struct bytes source, uint32_t line, struct span span,
                           const char *text)
{
    if (out->data[out->length - 1] != '[')
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '{');
    json_put_name(out, "severity");
    json_put_text(out, "error");
    json_put_name(out, "code");
    json_put_text(out, "syntax");
    json_put_name(out, "message");
    struct bytes message = bytes_of_text(text);
    if (message.length > WORKER_TEXT_MAX)
        message.length = utf8_cut(message, WORKER_TEXT_MAX);
    json_put_string(out, message);
    json_put_name(out, "source");
    json_put_string(out, source);
    if (line > 0) {
        json_put_name(out, "line");
        json_put_unsigned(out, line);
    }
    if (line > 0 && span.column > 0) {
        json_put_name(out, "column");
        json_put_unsigned(out, span.column);
        json_put_name(out, "end_column");
        json_put_unsigned(out, span.end_column);
    }
    buffer_append_byte(out, '}');
}

static void check_module(lua_State *L, const struct job_module *module, struct buffer *out)
{
    uint32_t line;
    if (!source_compile(L, module->name, module->code, &line)) {
        const char *message = lua_tostring(L, -1);
        const char *text = message;
        source_message_line(module->name, message, &text);
        struct span span = line > 0 ? locate(L, module, message) : (struct span){0};
        put_diagnostic(out, module->name, line, span, text);
    }
    lua_settop(L, 2);
}

// Protected: (image, buffer).
static int check_modules(lua_State *L)
{
    const struct job *job = ((struct lua_image *)lua_touserdata(L, 1))->job;
    struct buffer *out = lua_touserdata(L, 2);
    for (uint32_t i = 0; i < job->module_count; i++)
        check_module(L, &job->modules[i], out);
    return 0;
}

void validate_and_end(struct lua_image *image)
{
    lua_State *L = image->L;
    struct buffer output = buffer_make((size_t)DIAGNOSTIC_ROOM * 6 * MODULES_MAX);
    buffer_append_text(&output, "{\"diagnostics\":[");
    lua_pushcfunction(L, check_modules);
    lua_pushlightuserdata(L, image);
    lua_pushlightuserdata(L, &output);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        error_end_run(image);
    heap_check_refusal(image);
    buffer_append_text(&output, "]}");
    struct worker_result result = {
        .outcome = OUTCOME_OK,
        .output = bytes_of(output.data, output.length),
    };
    verdict_result(image, &result);
}
