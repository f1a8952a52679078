// SPDX-License-Identifier: Apache-2.0
// A validation instead of a run: compiles every module of the job and tells what is wrong. Worker only.
#pragma once

struct lua_image;

// The output is {"diagnostics": [{severity, code, message, source, line, column, end_column}]}, at most one
// per module, since Lua's compiler stops at the first fault. Columns count from 1, in characters; end_column
// is the one after the last.
_Noreturn void validate_and_end(struct lua_image *image);
