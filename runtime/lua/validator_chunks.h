// SPDX-License-Identifier: Apache-2.0
// The Lua sources of the validator and of luacheck, put into the program by the build (validator/embed.py).
#pragma once

#include <stddef.h>

struct validator_chunk {
    const char *name; // "luacheck.parser"
    const unsigned char *text;
    size_t length;
};

extern const struct validator_chunk validator_chunks[];
extern const unsigned validator_chunk_count;
