// SPDX-License-Identifier: Apache-2.0
// A validation instead of a run: compiles every module of the job, looks at those that compile with the
// validator of the image, and tells what is wrong. Worker only.
#pragma once

struct lua_image;

enum { VALIDATION_FINDINGS_MAX = 1000 };

// The job's context says what to validate for: {"policy": "default", "allowed": ["pairs", "string.rep",
// ...]}.
//
// The output is {"omitted": 0, "findings": [{code, message, module, line, column, end_column}]}: `module`
// counts from 1 in the order of the job; line, column and end_column are 0 where they are not known. Columns
// count from 1, in characters; end_column is the one after the last. At most one finding with the code
// "syntax" per module, since Lua's compiler stops at the first fault. Findings beyond VALIDATION_FINDINGS_MAX
// are only counted, in `omitted`; errors go before warnings.
_Noreturn void validate_and_end(struct lua_image *image);
