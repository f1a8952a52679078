// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/validate.h"

#include "base/buffer.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "runtime/lua/error_report.h"
#include "runtime/lua/image.h"
#include "runtime/lua/json_to_lua.h"
#include "runtime/lua/validator_image.h"
#include "runtime/lua/verdict.h"
#include "runtime/protocol/exit_codes.h"

#include <lauxlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_MAX = 512, CONTEXT_DEPTH_MAX = 4 };

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

struct finding {
    const char *code;
    struct bytes message;
    lua_Integer module, line, column, end_column;
};

static void put_number(struct buffer *out, const char *name, lua_Integer value)
{
    json_put_name(out, name);
    json_put_integer(out, value);
}

static void put_finding(struct buffer *out, const struct finding *finding)
{
    if (out->data[out->length - 1] != '[')
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '{');
    json_put_name(out, "code");
    json_put_text(out, finding->code);
    json_put_name(out, "message");
    struct bytes message = finding->message;
    if (message.length > MESSAGE_MAX)
        message.length = utf8_cut(message, MESSAGE_MAX);
    json_put_string(out, message);
    put_number(out, "module", finding->module);
    put_number(out, "line", finding->line);
    put_number(out, "column", finding->column);
    put_number(out, "end_column", finding->end_column);
    buffer_append_byte(out, '}');
}

// What Lua's parser calls a "C stack overflow", which no author would understand, and gives no line for.
static const char too_deep[] = "nested too deeply: at most 200 levels of parentheses, blocks and functions";

// A message without a line names the module alone; a finding has the name already.
static const char *without_name(struct bytes name, const char *message)
{
    bool named =
        strncmp(message, name.data, name.length) == 0 && strncmp(message + name.length, ": ", 2) == 0;
    return named ? message + name.length + 2 : message;
}

// Whether the module compiles; a finding in `out` if not.
static bool compile(lua_State *L, const struct job_module *module, lua_Integer number, struct buffer *out)
{
    int top = lua_gettop(L);
    uint32_t line;
    bool good = source_compile(L, module->name, module->code, &line);
    if (!good) {
        const char *message = lua_tostring(L, -1);
        const char *text = message;
        if (source_message_line(module->name, message, &text) == 0)
            text = without_name(module->name, message);
        struct span span = {0};
        if (line > 0)
            span = locate(L, module, message);
        else if (strstr(message, "C stack overflow") != NULL)
            text = too_deep;
        put_finding(out, &(struct finding){.code = "syntax",
                                           .message = bytes_of_text(text),
                                           .module = number,
                                           .line = line,
                                           .column = span.column,
                                           .end_column = span.end_column});
    }
    lua_settop(L, top);
    return good;
}

// Pushes what validator.lua takes as its first argument.
static void push_sources(lua_State *L, const struct job *job, struct buffer *out)
{
    lua_createtable(L, (int)job->module_count, 0);
    for (uint32_t i = 0; i < job->module_count; i++) {
        const struct job_module *module = &job->modules[i];
        struct bytes text = source_text(module->code);
        lua_createtable(L, 0, 2);
        lua_pushlstring(L, module->name.data, module->name.length);
        lua_setfield(L, -2, "name");
        if (compile(L, module, (lua_Integer)i + 1, out)) {
            lua_pushlstring(L, text.data, text.length);
            lua_setfield(L, -2, "source");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_member(lua_State *L, int table, const char *name, int type)
{
    if (lua_getfield(L, table, name) != type)
        _exit(EXIT_JOB_MALFORMED);
}

static lua_Integer integer_member(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    lua_Integer value = luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    return value;
}

static void put_findings(lua_State *L, int list, struct buffer *out)
{
    lua_Integer count = luaL_len(L, list);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        struct finding finding = {
            .module = integer_member(L, "module"),
            .line = integer_member(L, "line"),
            .column = integer_member(L, "column"),
            .end_column = integer_member(L, "end_column"),
        };
        lua_getfield(L, -1, "code");
        finding.code = luaL_checkstring(L, -1);
        lua_getfield(L, -2, "message");
        finding.message.data = luaL_checklstring(L, -1, &finding.message.length);
        put_finding(out, &finding);
        lua_settop(L, list + 1);
    }
}

// Protected: (image, buffer).
static int check_modules(lua_State *L)
{
    const struct job *job = ((struct lua_image *)lua_touserdata(L, 1))->job;
    struct buffer *out = lua_touserdata(L, 2);
    struct json_fault fault;
    if (!lua_push_json(L, job->context, CONTEXT_DEPTH_MAX, &fault) || !lua_istable(L, -1))
        _exit(EXIT_JOB_MALFORMED); // the engine's caller made it
    int setup = lua_gettop(L);
    validator_push(L);
    int first = lua_gettop(L);
    push_sources(L, job, out);
    push_member(L, setup, "policy", LUA_TSTRING);
    push_member(L, setup, "allowed", LUA_TTABLE);
    validator_push_known_names(L);
    lua_pushcfunction(L, validator_closest);
    lua_pushinteger(L, VALIDATION_FINDINGS_MAX - (lua_Integer)job->module_count);
    lua_call(L, 6, 2);
    put_findings(L, first, out);
    buffer_append_byte(out, ']');
    put_number(out, "omitted", luaL_checkinteger(L, first + 1));
    return 0;
}

void validate_and_end(struct lua_image *image)
{
    lua_State *L = image->L;
    struct buffer output = buffer_make(image->job->limits.value[LIMIT_OUTPUT_BYTES]);
    buffer_append_text(&output, "{\"findings\":[");
    lua_pushcfunction(L, check_modules);
    lua_pushlightuserdata(L, image);
    lua_pushlightuserdata(L, &output);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        error_end_run(image);
    heap_check_refusal(image);
    buffer_append_byte(&output, '}');
    if (!buffer_ok(&output))
        verdict_limit(image, OUTCOME_OUTPUT_LIMIT, image->job->limits.value[LIMIT_OUTPUT_BYTES],
                      &(struct traceback){.count = 0});
    struct worker_result result = {
        .outcome = OUTCOME_OK,
        .output = bytes_of(output.data, output.length),
    };
    verdict_result(image, &result);
}
