// SPDX-License-Identifier: Apache-2.0
// Turns the Lua error that ended a run into a result. Worker only.
#pragma once

#include "runtime/protocol/job_messages.h"

#include <lua.h>

struct lua_image;

// The message handler of the run's protected call: keeps the stack as it was where the error was raised.
int error_keep_trace(lua_State *L);
// Ends the run with the error on top of the stack. A table's __tostring is called, under the limits.
_Noreturn void error_end_run(struct lua_image *image);
// Ends the run because a chunk does not compile: `message` as the compiler gave it.
_Noreturn void error_end_syntax(struct lua_image *image, struct bytes message, struct bytes source,
                                uint32_t line);
