// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/plugin_run.h"

#include "base/buffer.h"
#include "runtime/lua/environment.h"
#include "runtime/lua/error_report.h"
#include "runtime/lua/image.h"
#include "runtime/lua/json_to_lua.h"
#include "runtime/lua/require.h"
#include "runtime/lua/validate.h"
#include "runtime/lua/validator_image.h"
#include "runtime/lua/verdict.h"
#include "runtime/protocol/exit_codes.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PAUSE_BEFORE_RUN = 1000, // percent: short runs end before the collector touches the shared environment
    PAUSE_OF_RUN = 200,
    WRITTEN_BYTES = 36864, // with every library allowed, as measured; too few or too many only cost time
};

// Lua calls this for an error outside any protected call, which is a fault of ours.
static int on_panic(lua_State *L)
{
    (void)L;
    _exit(EXIT_INTERPRETER);
}

struct lua_image *lua_image_new(const struct lua_image_options *options, struct error *err)
{
    struct lua_image *image = calloc(1, sizeof(*image));
    if (image == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the Lua image");
        return NULL;
    }
    image->options = *options;
    image->socket = -1;
    image->heap.limit = SIZE_MAX;
    image->heap.pause_high = SIZE_MAX;
    image->running = &image->main;
    image->L = lua_newstate(image_allocate, image);
    if (image->L == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for a Lua state");
        lua_image_free(image);
        return NULL;
    }
    image->main.L = image->L;
    *(struct lua_image **)lua_getextraspace(image->L) = image;
    lua_setwarnf(image->L, NULL, NULL);
    lua_pushcfunction(image->L, options->validator ? validator_build : environment_build);
    lua_pushlightuserdata(image->L, image);
    if (lua_pcall(image->L, 1, 0, 0) != LUA_OK) {
        const char *why = lua_tostring(image->L, -1);
        error_set(err, ERROR_UNSUPPORTED, "cannot build the Lua environment: %s", why != NULL ? why : "?");
        lua_image_free(image);
        return NULL;
    }
    lua_atpanic(image->L, on_panic);
    // What was needed to build it goes; the pause after this collection is set from what is left.
    lua_gc(image->L, LUA_GCINC, PAUSE_BEFORE_RUN, 0, 0);
    lua_gc(image->L, LUA_GCCOLLECT);
    lua_gc(image->L, LUA_GCSETPAUSE, PAUSE_OF_RUN);
    return image;
}

void lua_image_free(struct lua_image *image)
{
    if (image != NULL && image->L != NULL)
        lua_close(image->L); // no plugin ever ran in it: there is nothing of one to finalize
    free(image);
}

const char *lua_image_release(void)
{
    return LUA_RELEASE;
}

bool lua_image_arm(struct lua_image *image, int socket, struct error *err)
{
    image->socket = socket;
    return limit_watch_arm(image, err);
}

size_t lua_image_written(struct lua_image *image, void **ret_start)
{
    *ret_start = &image->heap.used;
    return WRITTEN_BYTES;
}

static void push_context(lua_State *L, const struct job *job)
{
    struct json_fault fault;
    if (!lua_push_json(L, job->context, (unsigned)job->limits.value[LIMIT_JSON_DEPTH], &fault))
        _exit(EXIT_JOB_MALFORMED); // the engine's caller checked it before
    // The key is new: no metamethod is there yet to be asked.
    lua_pushvalue(L, -1);
    lua_setglobal(L, "context");
}

// The first of: what the chunk returned (called, if it is a function), the global `result`, nil.
static void push_output(lua_State *L, int context)
{
    if (lua_isfunction(L, -1)) {
        lua_pushvalue(L, context);
        lua_call(L, 1, 1);
    } else if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushglobaltable(L);
        lua_pushliteral(L, "result");
        lua_rawget(L, -2);
    }
}

static _Noreturn void end_with_output(struct lua_image *image)
{
    struct lua_json_limits limits = image_json_limits(image);
    struct buffer output = buffer_make(limits.bytes);
    struct worker_result result = {.outcome = OUTCOME_OK};
    char message[LUA_JSON_MESSAGE_SIZE];
    switch (lua_write_json(image->L, -1, &limits, &output, message)) {
    case LUA_JSON_OK:
        result.output = bytes_of(output.data, output.length);
        break;
    case LUA_JSON_INVALID:
        result.outcome = OUTCOME_INVALID_RESULT;
        result.message = bytes_of_text(message);
        break;
    case LUA_JSON_TOO_LONG:
        verdict_limit(image, OUTCOME_OUTPUT_LIMIT, limits.bytes, &no_traceback);
    case LUA_JSON_NO_MEMORY:
        verdict_limit(image, OUTCOME_MEMORY_LIMIT, heap_peak(&image->heap), &no_traceback);
    }
    verdict_result(image, &result);
}

static void begin_phase(struct lua_image *image, enum run_phase phase)
{
    if (image->profiler != NULL)
        profiler_end_phase(image);
    image->phase = phase;
}

// The whole run, in a protected call. Returns one value: the output.
static int run_plugin(lua_State *L)
{
    struct lua_image *image = image_of(L);
    const struct job *job = image->job;
    image->phase = PHASE_CONTEXT;
    environment_seed_random(L, (lua_Integer)job->seed);
    push_context(L, job);
    int context = lua_gettop(L);
    begin_phase(image, PHASE_LOAD);
    uint32_t line;
    const struct job_module *entry = &job->modules[0];
    if (!source_compile(L, entry->name, entry->code, &line)) {
        struct bytes message;
        message.data = luaL_tolstring(L, -1, &message.length);
        error_end_syntax(image, message, entry->name, line);
    }
    if (image->coverage != NULL)
        line_coverage_add(image, L, entry);
    require_begin(L, entry->name);
    begin_phase(image, PHASE_CALL);
    lua_call(L, 0, 1);
    push_output(L, context);
    begin_phase(image, PHASE_OUTPUT);
    return 1;
}

void lua_image_run(struct lua_image *image, const struct job *job)
{
    image->job = job;
    if ((job->kind == JOB_VALIDATE) != image->options.validator)
        _exit(EXIT_JOB_MALFORMED);
    heap_begin_run(image, job->limits.value[LIMIT_MEMORY_BYTES]);
    if (job->profile && job->kind == JOB_RUN)
        profiler_begin(image);
    if (job->coverage && job->kind == JOB_RUN)
        line_coverage_begin(image);
    limit_watch_begin_run(image);
    lua_State *L = image->L;
    if (job->kind == JOB_VALIDATE)
        validate_and_end(image);
    lua_pushcfunction(L, error_keep_trace);
    lua_pushcfunction(L, run_plugin);
    if (lua_pcall(L, 0, 1, 1) != LUA_OK)
        error_end_run(image);
    heap_check_refusal(image);
    end_with_output(image);
}

uint32_t lua_image_stack(struct lua_image *image, struct stack_frame *ret_frames, uint32_t capacity)
{
    // A place of its own: the run may be in the middle of writing any of the others.
    struct traceback *trace = &image->signal_trace;
    traceback_capture(image, TRACE_CALL_NAMES, trace);
    struct stack_frame frames[TRACEBACK_MAX];
    uint32_t count = traceback_frames(trace, frames);
    count = count < capacity ? count : capacity;
    for (uint32_t i = 0; i < count; i++)
        ret_frames[i] = frames[i];
    return count;
}
