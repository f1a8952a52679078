// SPDX-License-Identifier: Apache-2.0
// The difference of two JSON values, member by member, each with its path.
#pragma once

#include "base/buffer.h"

#include <jansson.h>

// Appends one line for each place where `got` is not what was `expected`; nothing if they are equal.
// Numbers are compared as numbers: 1 equals 1.0.
void json_difference_put(struct buffer *out, const char *path, const json_t *expected, const json_t *got);
