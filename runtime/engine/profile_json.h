// SPDX-License-Identifier: Apache-2.0
// A profile as JSON, and the parts that other forms of it share: names of functions and folded stacks. Any
// thread; allocates through the buffer, and a little besides for sorting.
#pragma once

#include "base/buffer.h"
#include "runtime/protocol/profile.h"

// Appends the object that docs/openapi.yaml calls Profile: stacks and lines, the costliest first. Of very
// many, the cheapest are left out, and `truncated` says so.
void profile_json_put(struct buffer *out, const struct profile *profile);

// Appends how a function is shown: "fib main.lua:3", "string.rep", "main chunk util". No ';', and no control
// characters.
void profile_put_function(struct buffer *out, const struct profile *profile, uint32_t function);
// Appends the functions of a node's stack, outermost first, with ';' between them.
void profile_put_stack(struct buffer *out, const struct profile *profile, uint32_t node);
