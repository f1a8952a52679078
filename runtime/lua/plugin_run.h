// SPDX-License-Identifier: Apache-2.0
// The interpreter's side of one run: a prepared Lua state per zygote (the policy's environment already
// built, limits not yet in force), and in the worker one job run in it. A limit ends the process where it
// is detected: the verdict is written and the process exits, nothing is raised, so nothing can be caught.
//
// image_new runs in the zygote before any fork; everything else in the worker, which is single-threaded.
#pragma once

#include "base/error.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/lua_names.h"

#include <stdbool.h>
#include <stdint.h>

struct lua_image;

struct lua_image_options {
    bool allowed[LUA_NAME_COUNT];
    bool deterministic;
    bool validator; // runs nothing: holds the validator, for jobs of kind JOB_VALIDATE; `allowed` is ignored
    uint64_t hash_seed; // of the interpreter's string hash; ignored when deterministic
};

// Builds the environment. NULL with `err` if the interpreter's set-up fails.
struct lua_image *lua_image_new(const struct lua_image_options *options, struct error *err);
void lua_image_free(struct lua_image *image);
const char *lua_image_release(void); // "Lua 5.4.9"

// Installs the signal handlers that the limits need (SIGALRM; SIGSYS is the worker's). Before the seccomp
// filter is loaded. `socket` is where frames go.
bool lua_image_arm(struct lua_image *image, int socket, struct error *err);

// Where every run writes: what changes of the image, and what follows in memory, where its first objects go.
// In bytes from `ret_start`.
size_t lua_image_written(struct lua_image *image, void **ret_start);

// Runs the job: timers first, then context, loading, the call, the output. Log frames are written as the
// plugin logs, one result frame at the end, and the process exits with a code of exit_codes.h. Never returns.
_Noreturn void lua_image_run(struct lua_image *image, const struct job *job);

// For the SIGSYS handler: the call stack of the running coroutine, innermost first, into `ret_frames`
// (strings point into the Lua state or static text). Async-signal-safe as far as reading goes: memory that
// the interrupted code left inconsistent may fault, which ends the worker. Returns the number of frames.
uint32_t lua_image_stack(struct lua_image *image, struct stack_frame *ret_frames, uint32_t capacity);
