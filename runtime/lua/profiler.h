// SPDX-License-Identifier: Apache-2.0
// Samples where a run's CPU time and memory go. The limits' alarm asks for a sample every so often, and the
// hook that follows takes it: at the next instruction, call or return of the running coroutine, where all of
// Lua's state is in order. Which of them comes first tells whether the alarm struck in Lua code or in a C
// function: a return ends the C function that the time belongs to, a call belongs to the caller. While
// instructions are counted the counting hook takes the sample, up to a hundred instructions late, since to
// set another would lose count.
//
// Allocations are sampled by the bytes between them, in the allocator, where the stack can be read. Both
// intervals adapt: they grow with the run, and so that sampling stays a small share of it.
//
// Its memory is not the plugin's; a run without a profiler pays nothing. Worker only.
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

struct lua_image;
struct profiler;

// Starts sampling, if there is memory for it: else image->profiler stays NULL, and the run goes on without.
void profiler_begin(struct lua_image *image);
// From the signal handler: wants a sample, and has `hook` set for it on L unless that is NULL. `mask` is what
// the hook is there for besides.
void profiler_want_sample(struct profiler *profiler, lua_State *L, lua_Hook hook, int mask);
// When the alarm should ask again.
uint64_t profiler_interval_us(const struct profiler *profiler);
// In a hook: takes the sample, if one is wanted.
void profiler_sample(struct lua_image *image, const lua_Debug *ar);
// Time up to now was spent in image->phase, which ends.
void profiler_end_phase(struct lua_image *image);
// The whole frame, to be written before the result; may be called in the signal handler. NULL if it does not
// fit, which its maximum rules out.
const char *profiler_frame(struct lua_image *image, size_t *ret_length);
// The lua_Alloc of a run that is sampled.
void *profiler_allocate(void *ud, void *block, size_t old_size, size_t new_size);
