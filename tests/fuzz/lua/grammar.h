// SPDX-License-Identifier: Apache-2.0
// Writes Lua by a grammar (productions.def) that knows scopes and kinds of values, so that most of it
// compiles and runs, and that calls everything in lua_names.def by its signature: a name added there is
// fuzzed by itself.
#pragma once

#include "base/buffer.h"
#include "runtime/protocol/lua_names.h"
#include "tests/fuzz/lua/choices.h"

#include <stdbool.h>
#include <stdint.h>

enum { VARIABLES_MAX = 96, VARIABLE_NAME_SIZE = 24, SYMBOLS_MAX = 64 };

// A symbol of the grammar: an index into the names that productions.def uses, in order of appearance.
typedef uint8_t symbol;

struct variable {
    char name[VARIABLE_NAME_SIZE];
    symbol kind;
    bool constant; // nothing may assign to it
    bool pending;  // declared, not yet in sight
};

struct grammar {
    struct choices *choices;
    struct buffer *out;
    const bool *allowed; // LUA_NAME_COUNT: the names that are called
    unsigned budget;     // productions that may still be expanded freely
    unsigned depth;
    unsigned ids;
    unsigned variable_count;
    struct variable variables[VARIABLES_MAX];
    struct {
        const char *name;
        uint16_t first, count; // rows
        uint16_t weight, leaf_weight;
    } symbols[SYMBOLS_MAX];
    unsigned symbol_count;
};

void grammar_init(struct grammar *grammar, struct choices *choices, struct buffer *out,
                  const bool allowed[LUA_NAME_COUNT]);
// Lets what is written use a variable of the text around it. Names that are too long are passed over.
void grammar_add_variable(struct grammar *grammar, const char *name, size_t length);
// Appends what `name` ("statement", "any", "last", ...) may be.
void grammar_write(struct grammar *grammar, const char *name);
// Appends some statements, each on a line, in the scope as it is.
void grammar_write_statements(struct grammar *grammar, unsigned count);

// calls.c: what the environment has, by the signatures of its table.
void grammar_write_call(struct grammar *grammar);
void grammar_write_method(struct grammar *grammar);
void grammar_write_function_name(struct grammar *grammar);
void grammar_write_constant(struct grammar *grammar);
