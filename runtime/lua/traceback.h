// SPDX-License-Identifier: Apache-2.0
// Call stacks as the plugin sees them: of the running coroutine, then of those that resumed it, innermost
// first. Reading one allocates nothing and changes nothing in the Lua state, so the allocator and the timer's
// signal handler may do it. The texts are copied: they outlive the functions they name. Worker only.
#pragma once

#include "runtime/protocol/job_messages.h"

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

struct lua_image;

enum { TRACE_SOURCE_SIZE = MODULE_NAME_MAX + 1, TRACE_FUNCTION_SIZE = 64 };

struct traceback {
    uint32_t count;
    struct {
        char source[TRACE_SOURCE_SIZE];
        char function[TRACE_FUNCTION_SIZE];
        uint32_t line; // 0 if unknown
    } frames[TRACEBACK_MAX];
};

extern const struct traceback no_traceback; // without a frame

enum traceback_detail {
    TRACE_CALL_NAMES,    // functions by the names that their callers use
    TRACE_LIBRARY_NAMES, // C functions by their own names, "string.rep"; needs a free slot above the stack's
                         // top, so not from a signal that the interrupted code survives
};

// The whole stack. If a chunk is being compiled, its position comes first.
void traceback_capture(struct lua_image *image, enum traceback_detail detail, struct traceback *ret_trace);
// Appends the frames of one coroutine from `level` on. It may have died of an error, its stack still there.
void traceback_append(const struct lua_image *image, lua_State *L, int level, enum traceback_detail detail,
                      struct traceback *trace);
// The name that plugins know a C function by, "string.rep". False if it is none of the environment's.
bool traceback_library_name(const struct lua_image *image, lua_CFunction function, char *name, size_t size);
// Whether the stack of L is being reallocated at this very moment, so that nothing on it can be read. May be
// asked by the allocator and by signal handlers. Errs towards false where heap addresses are very low.
bool traceback_stack_is_moving(const struct lua_image *image, lua_State *L);
// Puts one frame in front; the outermost is dropped if there is no room.
void traceback_prepend(struct traceback *trace, struct bytes source, uint32_t line);
// The frames as the protocol has them, borrowed from `trace`. Returns how many.
uint32_t traceback_frames(const struct traceback *trace, struct stack_frame ret_frames[TRACEBACK_MAX]);
