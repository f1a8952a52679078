// SPDX-License-Identifier: Apache-2.0
// Counts how often each line that holds code runs, by a line hook, for a job that asked for it. Its memory is
// not the plugin's. Worker only.
#pragma once

#include <lua.h>
#include <stddef.h>

struct job_module;
struct lua_image;
struct line_coverage;

// Starts counting, if there is memory for it: else image->coverage stays NULL.
void line_coverage_begin(struct lua_image *image);
// Finds the lines of a module, whose function was just compiled and is on top of the stack.
void line_coverage_add(struct lua_image *image, lua_State *L, const struct job_module *module);
// In a hook: a line begins.
void line_coverage_hit(struct lua_image *image, lua_State *L, lua_Debug *ar);
// The whole frame, to be written before the result; may be called in the signal handler. NULL if nothing was
// compiled.
const char *line_coverage_frame(struct lua_image *image, size_t *ret_length);
