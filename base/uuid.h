// SPDX-License-Identifier: Apache-2.0
// UUID version 7 (RFC 9562): sorts by time, and is unique across hosts. Any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { UUID_TEXT_SIZE = 37 }; // 36 characters and a NUL

// Milliseconds since 1970, then a counter that keeps ids of this process in order, then random bits of
// getrandom.
void uuid_v7(char text[UUID_TEXT_SIZE]);
// 36 characters, lower-case hex and hyphens in the right places, any version.
bool uuid_text_valid(const char *text, size_t length);
