// SPDX-License-Identifier: Apache-2.0
// A pattern as steps. Only for packaging/json_schema/pattern*.c.
#pragma once

#include "packaging/json_schema/pattern.h"

enum { PATTERN_STEPS_MAX = 1000, PATTERN_RANGES_MAX = 1000 };

enum step_kind {
    STEP_SET,  // one character of set `a`
    STEP_FORK, // on to `a` and to `b`
    STEP_BEGIN,
    STEP_END,
    STEP_EDGE, // of a word
    STEP_NO_EDGE,
    STEP_FOUND,
};

struct pattern_step {
    enum step_kind kind;
    uint16_t a, b;
};

struct pattern_range {
    uint32_t first, last; // code points
};

// Ranges `begin` to `end` (not included) of the pattern's.
struct pattern_set {
    uint16_t begin, end;
    bool negated;
};

struct pattern {
    size_t bytes;                     // of the block
    const struct pattern_step *steps; // all three in the pattern's own block
    const struct pattern_range *ranges;
    const struct pattern_set *sets;
};

// A pattern while it is read.
struct pattern_reader {
    struct bytes text;
    size_t at;
    struct error *err;
    unsigned depth; // of open groups and choices
    uint16_t step_count, range_count, set_count;
    struct pattern_step steps[PATTERN_STEPS_MAX];
    struct pattern_range ranges[PATTERN_RANGES_MAX];
    struct pattern_set sets[PATTERN_STEPS_MAX];
};

// pattern_read.c. The first two return false.
bool pattern_refuse(struct pattern_reader *reader, const char *expected);
bool pattern_too_large(struct pattern_reader *reader);
char pattern_peek(const struct pattern_reader *reader);        // '\0' at the end
bool pattern_take(struct pattern_reader *reader, char wanted); // false: it is not next
bool pattern_add_step(struct pattern_reader *reader, enum step_kind kind, uint16_t a, uint16_t b);
// pattern_set.c: what stands for one character.
bool pattern_take_set(struct pattern_reader *reader);    // after '['
bool pattern_take_dot(struct pattern_reader *reader);    // after '.'
bool pattern_take_escape(struct pattern_reader *reader); // after a backslash that is none of \b and \B
bool pattern_take_plain(struct pattern_reader *reader);  // any other

// The code point at `*at`, which it advances. The text is valid UTF-8, and `*at` within it.
uint32_t pattern_code_point(struct bytes text, size_t *at);
