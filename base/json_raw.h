// SPDX-License-Identifier: Apache-2.0
// A member of a JSON object as its text stands there, for what a tree would give back in another form
// (doubles, integers beyond 64 bits). Any process.
#pragma once

#include "base/bytes.h"

// The value of the first member `name` (without escapes in it) of the object that `text` holds, borrowed from
// `text`. Empty if there is none, or if the text before it is not strict JSON.
struct bytes json_raw_member(struct bytes text, const char *name);
