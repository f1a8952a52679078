// SPDX-License-Identifier: Apache-2.0
// A jansson value as text, whole or not at all.
#pragma once

#include <jansson.h>

// The caller frees it; NULL if there is no memory. `flags` are json_dumps'. json_dumps itself goes on after a
// failed allocation within a member's name (jansson up to 2.14) and gives text with a hole; this measures
// first and then writes into memory that is there. Any thread.
char *json_text_of(const json_t *value, size_t flags);
