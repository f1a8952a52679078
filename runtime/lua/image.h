// SPDX-License-Identifier: Apache-2.0
// What runtime/lua's files share: the image, built in the zygote and used up by one run in a worker. Private
// to this folder.
#pragma once

#include "runtime/lua/allocator.h"
#include "runtime/lua/json_from_lua.h"
#include "runtime/lua/limit_watch.h"
#include "runtime/lua/line_coverage.h"
#include "runtime/lua/plugin_run.h"
#include "runtime/lua/profiler.h"
#include "runtime/lua/source_reader.h"
#include "runtime/lua/traceback.h"

#include <lua.h>
#include <signal.h>

// The running coroutine and those that wait for it, innermost first. Links live in the C frames that resume.
struct coroutine_link {
    lua_State *L;
    struct coroutine_link *parent; // NULL for the main one
};

enum run_phase { PHASE_CONTEXT, PHASE_LOAD, PHASE_CALL, PHASE_OUTPUT };

struct lua_image {
    lua_State *L;
    struct lua_image_options options;
    lua_CFunction functions[LUA_NAME_COUNT]; // of each row that is a C function: to name it in tracebacks
    lua_CFunction stock_format, stock_rep;   // what our string.format and string.rep end in

    // The run, what few runs write to first: a page that is not written to is not copied.
    struct traceback error_trace;     // of the last error that nobody caught
    struct traceback coroutine_trace; // of the coroutine that just died of an error, for whoever resumed it
    struct traceback signal_trace;    // for lua_image_stack
    struct {
        bool failed; // the last module that `require` could not compile, and what it said
        char message[LUA_IDSIZE + 256];
        struct bytes source;
        uint32_t line;
    } module_syntax;
    struct profiler *profiler;      // NULL: nobody asked
    struct line_coverage *coverage; // NULL: nobody asked
    struct heap heap;               // its second half is what every run writes to, and so is all below
    const struct job *job;
    int socket;
    struct limit_watch limits;
    struct coroutine_link main;
    struct coroutine_link *volatile running;
    struct source_reader *volatile compiling; // the innermost chunk that the compiler is reading, or NULL
    enum run_phase phase;
    bool coroutine_died;
    volatile sig_atomic_t ending;      // a result frame is begun: nothing else may be written
    volatile sig_atomic_t writing_log; // a log frame is on its way: a result frame has to wait
    uint64_t log_bytes;                // charged so far: texts and LOG_LINE_OVERHEAD for each
    bool logs_truncated;
    uint64_t objects_named; // by tostring, in this run
    uint64_t reseeds;       // math.randomseed() without arguments, in this run
};

static inline struct lua_image *image_of(lua_State *L)
{
    return *(struct lua_image **)lua_getextraspace(L);
}

// Bounds of every JSON text that the run makes: nothing longer could be its output.
static inline struct lua_json_limits image_json_limits(const struct lua_image *image)
{
    const uint64_t *limits = image->job->limits.value;
    return (struct lua_json_limits){
        .depth = (unsigned)limits[LIMIT_JSON_DEPTH],
        .bytes = limits[LIMIT_OUTPUT_BYTES],
        .nodes = limits[LIMIT_OUTPUT_BYTES],
    };
}
