// SPDX-License-Identifier: Apache-2.0
// From text to steps in one pass: every piece is appended behind what there is, and a repetition copies the
// steps of its piece.
#include "packaging/json_schema/pattern_program.h"

#include "base/cleanup.h"

#include <stdlib.h>

enum { GROUPS_MAX = 50, REPEAT_MAX = 1000 };
#define UNLIMITED UINT32_MAX

bool pattern_refuse(struct pattern_reader *reader, const char *expected)
{
    return error_set(reader->err, ERROR_INVALID, "at byte %zu: %s", reader->at, expected);
}

bool pattern_too_large(struct pattern_reader *reader)
{
    return error_set(reader->err, ERROR_LIMIT, "it is too large: more than %d steps or ranges",
                     PATTERN_STEPS_MAX);
}

char pattern_peek(const struct pattern_reader *reader)
{
    return reader->at < reader->text.length ? reader->text.data[reader->at] : '\0';
}

bool pattern_take(struct pattern_reader *reader, char wanted)
{
    if (reader->at >= reader->text.length || reader->text.data[reader->at] != wanted)
        return false;
    reader->at++;
    return true;
}

bool pattern_add_step(struct pattern_reader *reader, enum step_kind kind, uint16_t a, uint16_t b)
{
    if (reader->step_count >= PATTERN_STEPS_MAX - 1) // the last one is STEP_FOUND's
        return pattern_too_large(reader);
    reader->steps[reader->step_count++] = (struct pattern_step){kind, a, b};
    return true;
}

static bool take_choice(struct pattern_reader *reader);

static bool take_group(struct pattern_reader *reader)
{
    if (pattern_take(reader, '?') && !pattern_take(reader, ':'))
        return pattern_refuse(reader, "of groups with '?' only \"(?:\" is supported");
    if (++reader->depth > GROUPS_MAX)
        return pattern_refuse(reader, "groups are nested too deep");
    if (!take_choice(reader) || !pattern_take(reader, ')'))
        return reader->err->kind == ERROR_NONE ? pattern_refuse(reader, "expected ')'") : false;
    reader->depth--;
    return true;
}

// After a backslash outside of brackets.
static bool take_backslash(struct pattern_reader *reader)
{
    if (pattern_take(reader, 'b'))
        return pattern_add_step(reader, STEP_EDGE, 0, 0);
    if (pattern_take(reader, 'B'))
        return pattern_add_step(reader, STEP_NO_EDGE, 0, 0);
    return pattern_take_escape(reader);
}

static bool take_atom(struct pattern_reader *reader)
{
    char next = pattern_peek(reader);
    if (next != '\0' && strchr("*+?{}])", next) != NULL)
        return pattern_refuse(reader,
                              "there is nothing to repeat or to close; a backslash takes it as it is");
    if (pattern_take(reader, '('))
        return take_group(reader);
    if (pattern_take(reader, '['))
        return pattern_take_set(reader);
    if (pattern_take(reader, '^'))
        return pattern_add_step(reader, STEP_BEGIN, 0, 0);
    if (pattern_take(reader, '$'))
        return pattern_add_step(reader, STEP_END, 0, 0);
    if (pattern_take(reader, '\\'))
        return take_backslash(reader);
    if (pattern_take(reader, '.'))
        return pattern_take_dot(reader);
    return pattern_take_plain(reader);
}

static bool take_count(struct pattern_reader *reader, uint32_t *ret_count)
{
    uint32_t count = 0;
    size_t begin = reader->at;
    for (; pattern_peek(reader) >= '0' && pattern_peek(reader) <= '9' && count <= REPEAT_MAX; reader->at++)
        count = count * 10 + (uint32_t)(pattern_peek(reader) - '0');
    if (reader->at == begin || count > REPEAT_MAX)
        return pattern_refuse(reader, "expected a number up to 1000");
    *ret_count = count;
    return true;
}

// "*", "+", "?", "{2,5}". False without a message: there is none.
static bool take_quantifier(struct pattern_reader *reader, uint32_t *ret_minimum, uint32_t *ret_maximum)
{
    *ret_minimum = 0;
    *ret_maximum = UNLIMITED;
    if (pattern_take(reader, '*'))
        return true;
    if (pattern_take(reader, '+')) {
        *ret_minimum = 1;
        return true;
    }
    if (pattern_take(reader, '?')) {
        *ret_maximum = 1;
        return true;
    }
    if (!pattern_take(reader, '{') || !take_count(reader, ret_minimum))
        return false;
    if (!pattern_take(reader, ',')) {
        *ret_maximum = *ret_minimum;
    } else if (pattern_peek(reader) != '}') {
        if (!take_count(reader, ret_maximum))
            return false;
    }
    if (!pattern_take(reader, '}') || *ret_maximum < *ret_minimum)
        return pattern_refuse(reader, "expected {n}, {n,} or {n,m}");
    return true;
}

// Appends a copy of `count` steps; jumps within it are moved along.
static bool copy_steps(struct pattern_reader *reader, const struct pattern_step *steps, uint16_t count,
                       uint16_t begin)
{
    uint16_t shift = (uint16_t)(reader->step_count - begin);
    for (uint16_t i = 0; i < count; i++) {
        bool jumps = steps[i].kind == STEP_FORK;
        if (!pattern_add_step(reader, steps[i].kind, (uint16_t)(steps[i].a + (jumps ? shift : 0)),
                              (uint16_t)(steps[i].b + (jumps ? shift : 0))))
            return false;
    }
    return true;
}

// Makes the steps since `begin` a repetition of themselves.
static bool repeat(struct pattern_reader *reader, uint16_t begin, uint32_t minimum, uint32_t maximum)
{
    struct pattern_step piece[PATTERN_STEPS_MAX];
    uint16_t count = (uint16_t)(reader->step_count - begin);
    memcpy(piece, reader->steps + begin, count * sizeof *piece);
    reader->step_count = begin;
    for (uint32_t i = 0; i < minimum; i++)
        if (!copy_steps(reader, piece, count, begin))
            return false;
    if (maximum == UNLIMITED) {
        uint16_t fork = reader->step_count;
        return pattern_add_step(reader, STEP_FORK, (uint16_t)(fork + 1), (uint16_t)(fork + count + 2)) &&
               copy_steps(reader, piece, count, begin) && pattern_add_step(reader, STEP_FORK, fork, fork);
    }
    // Each of the rest may be left out with all after it.
    uint16_t end = (uint16_t)(reader->step_count + (maximum - minimum) * (count + 1U));
    for (uint32_t i = minimum; i < maximum; i++)
        if (!pattern_add_step(reader, STEP_FORK, (uint16_t)(reader->step_count + 1), end) ||
            !copy_steps(reader, piece, count, begin))
            return false;
    return true;
}

static bool take_sequence(struct pattern_reader *reader)
{
    while (reader->at < reader->text.length && pattern_peek(reader) != '|' && pattern_peek(reader) != ')') {
        uint16_t begin = reader->step_count;
        uint32_t minimum, maximum;
        if (!take_atom(reader))
            return false;
        if (take_quantifier(reader, &minimum, &maximum)) {
            pattern_take(reader, '?'); // which match is found first makes no difference here
            if (!repeat(reader, begin, minimum, maximum))
                return false;
        } else if (reader->err->kind != ERROR_NONE) {
            return false;
        }
    }
    return true;
}

// Puts a fork before the steps since `begin`.
static bool insert_fork(struct pattern_reader *reader, uint16_t begin)
{
    struct pattern_step piece[PATTERN_STEPS_MAX];
    uint16_t count = (uint16_t)(reader->step_count - begin);
    memcpy(piece, reader->steps + begin, count * sizeof *piece);
    reader->step_count = begin;
    // Past the piece there comes a jump to the end of the choice.
    return pattern_add_step(reader, STEP_FORK, (uint16_t)(begin + 1), (uint16_t)(begin + count + 2)) &&
           copy_steps(reader, piece, count, begin);
}

static bool take_choice(struct pattern_reader *reader)
{
    uint16_t begin = reader->step_count;
    if (!take_sequence(reader))
        return false;
    if (!pattern_take(reader, '|'))
        return true;
    uint16_t jump;
    if (!insert_fork(reader, begin))
        return false;
    jump = reader->step_count;
    if (!pattern_add_step(reader, STEP_FORK, 0, 0) || ++reader->depth > GROUPS_MAX)
        return reader->err->kind == ERROR_NONE ? pattern_refuse(reader, "more than 50 choices or groups")
                                               : false;
    if (!take_choice(reader))
        return false;
    reader->depth--;
    reader->steps[jump].a = reader->steps[jump].b = reader->step_count;
    return true;
}

// The pattern in a block of its own, no larger than it has to be.
static struct pattern *finish(struct pattern_reader *reader)
{
    reader->steps[reader->step_count++] = (struct pattern_step){.kind = STEP_FOUND};
    size_t steps = reader->step_count * sizeof *reader->steps;
    size_t ranges = reader->range_count * sizeof *reader->ranges;
    size_t sets = reader->set_count * sizeof *reader->sets;
    size_t bytes = sizeof(struct pattern) + steps + ranges + sets;
    char *block = malloc(bytes);
    if (block == NULL) {
        error_set(reader->err, ERROR_MEMORY, "out of memory");
        return NULL;
    }
    char *at = block + sizeof(struct pattern);
    memcpy(at, reader->steps, steps);
    memcpy(at + steps, reader->ranges, ranges);
    memcpy(at + steps + ranges, reader->sets, sets);
    struct pattern *pattern = (void *)block;
    *pattern = (struct pattern){.bytes = bytes,
                                .steps = (void *)at,
                                .ranges = (void *)(at + steps),
                                .sets = (void *)(at + steps + ranges)};
    return pattern;
}

struct pattern *pattern_read(struct bytes text, struct error *err)
{
    struct error local = {0};
    struct pattern *pattern = NULL;
    autofree struct pattern_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        error_set(err, ERROR_MEMORY, "out of memory");
        return NULL;
    }
    reader->text = text;
    reader->err = &local;
    if (!take_choice(reader))
        reader->at = text.length; // told already
    else if (reader->at < text.length)
        pattern_refuse(reader, "there is no '(' to this ')'");
    else
        pattern = finish(reader);
    if (pattern == NULL && err != NULL)
        *err = local;
    return pattern;
}

size_t pattern_bytes(const struct pattern *pattern)
{
    return pattern ? pattern->bytes : 0;
}

void pattern_free(struct pattern *pattern)
{
    free(pattern);
}
