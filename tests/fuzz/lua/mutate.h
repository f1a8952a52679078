// SPDX-License-Identifier: Apache-2.0
// New programs from old: statements and expressions are cut out, put elsewhere, wrapped, exchanged with those
// of another program, or written anew by the grammar with the names that the text declares.
#pragma once

#include "runtime/protocol/lua_names.h"
#include "tests/fuzz/lua/grammar.h"
#include "tests/fuzz/lua/program.h"
#include "tests/fuzz/lua/shape.h"

struct mutator {
    const bool *allowed; // LUA_NAME_COUNT: what the grammar may call
    struct shape shape, donor;
    struct grammar grammar;
};

// Appends a program by the grammar alone.
void mutator_make(struct mutator *mutator, struct choices *choices, struct buffer *out);
// Appends a changed copy of `program`; `donor` is another program, or empty.
void mutator_mutate(struct mutator *mutator, struct choices *choices, struct bytes program,
                    struct bytes donor, struct buffer *out);
