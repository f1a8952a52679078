// SPDX-License-Identifier: Apache-2.0
// Lua files to start from, and the programs that a seed and a number stand for. A program depends on the
// seed, its number and the files alone, never on how earlier ones ended, so that each can be made again by
// itself.
#pragma once

#include "base/error.h"
#include "tests/fuzz/lua/mutate.h"

struct corpus {
    char **texts; // owned, with `lengths`
    size_t *lengths;
    unsigned count;
    struct mutator *mutator; // owned
};

struct corpus corpus_make(const bool allowed[LUA_NAME_COUNT]);
void corpus_free(struct corpus *corpus);
// Adds a file, or all files below a folder, in the order of their names.
bool corpus_add(struct corpus *corpus, const char *path, struct error *err);
// Appends program `number` of `seed`.
void corpus_program(struct corpus *corpus, uint64_t seed, uint64_t number, struct buffer *out);
