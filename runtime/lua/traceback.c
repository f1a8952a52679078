// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/traceback.h"

#include "runtime/lua/image.h"

#include <string.h>

const struct traceback no_traceback = {.count = 0};

// Copies what fits, as text. Runs in a signal handler: memcpy and memchr only.
static void copy_text(char *target, size_t size, const char *source, size_t length)
{
    length = length < size ? length : size - 1;
    memcpy(target, source, length);
    target[length] = '\0';
}

// A chunk's name as the compiler keeps it: "=main.lua", or the text given to `load`, which is shown
// shortened.
static void copy_source(char target[TRACE_SOURCE_SIZE], const lua_Debug *ar)
{
    if (ar->source[0] == '=' && ar->what[0] != 'C')
        copy_text(target, TRACE_SOURCE_SIZE, ar->source + 1, strlen(ar->source + 1));
    else
        copy_text(target, TRACE_SOURCE_SIZE, ar->short_src, strlen(ar->short_src));
}

bool traceback_library_name(const struct lua_image *image, lua_CFunction function, char *name, size_t size)
{
    for (unsigned i = 0; function != NULL && i < LUA_NAME_COUNT; i++) {
        if (image->functions[i] == function) {
            lua_name_text((enum lua_name)i, name, size);
            return true;
        }
    }
    return false;
}

static bool copy_library_name(const struct lua_image *image, lua_State *L, lua_Debug *ar,
                              char target[TRACE_FUNCTION_SIZE])
{
    if (!lua_getinfo(L, "f", ar))
        return false;
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    return traceback_library_name(image, function, target, TRACE_FUNCTION_SIZE);
}

// Lua 5.4.7 and later turn all pointers into the stack into byte offsets while they move it (relstack in
// ldo.c). The first member of a CallInfo is such a pointer.
static bool level_is_moving(const struct lua_image *image, lua_State *L, int level)
{
    const uintptr_t largest_offset = 2 * (uintptr_t)LUAI_MAXSTACK * 16;
    lua_Debug ar;
    if ((uintptr_t)image->L <= largest_offset || !lua_getstack(L, level, &ar))
        return false;
    return *(const uintptr_t *)(const void *)ar.i_ci <= largest_offset;
}

bool traceback_stack_is_moving(const struct lua_image *image, lua_State *L)
{
    return level_is_moving(image, L, 0);
}

// A function that returns puts its results where it stood itself, and its frame goes after that: a time limit
// that comes in between finds a frame of anything. Lua would take it for a function to tell the line.
static bool has_function(lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "f", ar);
    bool found = lua_isfunction(L, -1);
    lua_pop(L, 1);
    return found;
}

void traceback_append(const struct lua_image *image, lua_State *L, int level, enum traceback_detail detail,
                      struct traceback *trace)
{
    if (traceback_stack_is_moving(image, L))
        return;
    lua_Debug ar;
    while (trace->count < TRACEBACK_MAX && lua_getstack(L, level++, &ar)) {
        // Lua makes pointers of them again from the top down, and who called tells the name.
        if (level_is_moving(image, L, level))
            return;
        if (!has_function(L, &ar))
            continue;
        lua_getinfo(L, "Sln", &ar);
        char *function = trace->frames[trace->count].function;
        function[0] = '\0';
        if (ar.what[0] == 'm') // "main"
            copy_text(function, TRACE_FUNCTION_SIZE, "main chunk", strlen("main chunk"));
        else if (ar.what[0] != 'C' || detail != TRACE_LIBRARY_NAMES ||
                 !copy_library_name(image, L, &ar, function))
            if (ar.name != NULL)
                copy_text(function, TRACE_FUNCTION_SIZE, ar.name, strlen(ar.name));
        // Our own C function at the bottom of it all is none of the plugin's.
        lua_Debug below;
        if (ar.what[0] == 'C' && L == image->L && !lua_getstack(L, level, &below))
            return;
        copy_source(trace->frames[trace->count].source, &ar);
        trace->frames[trace->count].line = ar.currentline > 0 ? (uint32_t)ar.currentline : 0;
        trace->count++;
    }
}

void traceback_capture(struct lua_image *image, enum traceback_detail detail, struct traceback *ret_trace)
{
    ret_trace->count = 0;
    const struct source_reader *compiling = image->compiling;
    if (compiling != NULL)
        traceback_prepend(ret_trace, compiling->name, compiling->line);
    for (const struct coroutine_link *link = image->running; link != NULL; link = link->parent)
        traceback_append(image, link->L, 0, detail, ret_trace);
}

void traceback_prepend(struct traceback *trace, struct bytes source, uint32_t line)
{
    uint32_t kept = trace->count < TRACEBACK_MAX ? trace->count : TRACEBACK_MAX - 1;
    memmove(&trace->frames[1], &trace->frames[0], kept * sizeof(trace->frames[0]));
    copy_text(trace->frames[0].source, TRACE_SOURCE_SIZE, source.data, source.length);
    trace->frames[0].function[0] = '\0';
    trace->frames[0].line = line;
    trace->count = kept + 1;
}

uint32_t traceback_frames(const struct traceback *trace, struct stack_frame ret_frames[TRACEBACK_MAX])
{
    for (uint32_t i = 0; i < trace->count; i++)
        ret_frames[i] = (struct stack_frame){
            .source = bytes_of_text(trace->frames[i].source),
            .line = trace->frames[i].line,
            .function = bytes_of_text(trace->frames[i].function),
        };
    return trace->count;
}
