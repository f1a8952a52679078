// SPDX-License-Identifier: Apache-2.0
// Sets of characters: brackets, classes, escapes, and characters as they are.
#include "packaging/json_schema/pattern_program.h"

#define LAST_CODE_POINT UINT32_C(0x10FFFF)

static bool add_range(struct pattern_reader *reader, uint32_t first, uint32_t last)
{
    if (reader->range_count == PATTERN_RANGES_MAX)
        return pattern_too_large(reader);
    reader->ranges[reader->range_count++] = (struct pattern_range){first, last};
    return true;
}

// A set of the ranges since `begin`, and the step that takes one of it.
static bool add_set(struct pattern_reader *reader, uint16_t begin, bool negated)
{
    if (reader->set_count == PATTERN_STEPS_MAX)
        return pattern_too_large(reader);
    reader->sets[reader->set_count] = (struct pattern_set){begin, reader->range_count, negated};
    return pattern_add_step(reader, STEP_SET, reader->set_count++, 0);
}

static const struct pattern_range digits[] = {{'0', '9'}};
static const struct pattern_range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct pattern_range spaces[] = {
    {'\t', '\r'},     {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
static const struct pattern_range line_ends[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

static const struct {
    char letter;
    const struct pattern_range *ranges;
    size_t count;
} classes[] = {{'d', digits, 1}, {'w', words, 4}, {'s', spaces, 10}};

// The ranges, or what lies between them.
static bool add_ranges(struct pattern_reader *reader, const struct pattern_range *ranges, size_t count,
                       bool negated)
{
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (!negated && !add_range(reader, ranges[i].first, ranges[i].last))
            return false;
        if (negated && ranges[i].first > next && !add_range(reader, next, ranges[i].first - 1))
            return false;
        next = ranges[i].last + 1;
    }
    return !negated || add_range(reader, next, LAST_CODE_POINT);
}

// \d, \W and the like: adds its ranges. False without a message: it is none.
static bool take_class(struct pattern_reader *reader)
{
    char letter = pattern_peek(reader);
    bool negated = letter >= 'A' && letter <= 'Z';
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if ((letter | ' ') != classes[i].letter)
            continue;
        reader->at++;
        return add_ranges(reader, classes[i].ranges, classes[i].count, negated);
    }
    return false;
}

static bool take_hex(struct pattern_reader *reader, unsigned count, uint32_t *ret_value)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++, reader->at++) {
        char digit = (char)(pattern_peek(reader) | ' ');
        bool number = pattern_peek(reader) >= '0' && pattern_peek(reader) <= '9';
        if (!number && (digit < 'a' || digit > 'f'))
            return pattern_refuse(reader, "expected hex digits");
        value = value * 16 + (uint32_t)(number ? pattern_peek(reader) - '0' : digit - 'a' + 10);
    }
    *ret_value = value;
    return true;
}

// After "\u": four digits, a pair of surrogates, or any number in braces.
static bool take_unicode(struct pattern_reader *reader, uint32_t *ret_value)
{
    uint32_t low = 0;
    if (pattern_take(reader, '{')) {
        size_t begin = reader->at;
        while (pattern_peek(reader) != '}' && reader->at - begin < 6)
            reader->at++;
        unsigned count = (unsigned)(reader->at - begin);
        reader->at = begin;
        return count > 0 && take_hex(reader, count, ret_value) && pattern_take(reader, '}') &&
                       *ret_value <= LAST_CODE_POINT
                   ? true
                   : pattern_refuse(reader, "expected a code point such as \\u{1F600}");
    }
    if (!take_hex(reader, 4, ret_value))
        return false;
    if (*ret_value < 0xD800 || *ret_value > 0xDBFF)
        return true;
    if (!pattern_take(reader, '\\') || !pattern_take(reader, 'u') || !take_hex(reader, 4, &low) ||
        low < 0xDC00 || low > 0xDFFF)
        return pattern_refuse(reader, "expected the second half of a pair");
    *ret_value = 0x10000 + ((*ret_value - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

// After a backslash: one character.
static bool take_escape(struct pattern_reader *reader, bool in_set, uint32_t *ret_value)
{
    static const char letters[] = "tnvfr0", values[] = "\t\n\v\f\r";
    char letter = pattern_peek(reader);
    const char *known = letter != '\0' ? strchr(letters, letter) : NULL;
    if (known != NULL) {
        reader->at++;
        *ret_value = (uint32_t)values[known - letters];
        return true;
    }
    if (pattern_take(reader, 'x'))
        return take_hex(reader, 2, ret_value);
    if (pattern_take(reader, 'u'))
        return take_unicode(reader, ret_value);
    if (letter == '\0' || strchr(in_set ? "^$\\.*+?()[]{}|/-" : "^$\\.*+?()[]{}|/", letter) == NULL)
        return pattern_refuse(reader, "this escape is not supported");
    reader->at++;
    *ret_value = (uint32_t)letter;
    return true;
}

// One end of a range within brackets.
static bool take_set_character(struct pattern_reader *reader, uint32_t *ret_value)
{
    if (pattern_take(reader, '\\'))
        return take_escape(reader, true, ret_value);
    if (reader->at >= reader->text.length)
        return pattern_refuse(reader, "expected ']'");
    *ret_value = pattern_code_point(reader->text, &reader->at);
    return true;
}

static bool take_set_item(struct pattern_reader *reader)
{
    uint32_t first, last;
    size_t begin = reader->at, ranges = reader->range_count;
    if (pattern_take(reader, '\\') && take_class(reader))
        return true;
    if (reader->range_count != ranges)
        return false;
    reader->at = begin;
    if (!take_set_character(reader, &first))
        return false;
    bool is_range = pattern_peek(reader) == '-' && reader->at + 1 < reader->text.length &&
                    reader->text.data[reader->at + 1] != ']';
    last = first;
    if (is_range) {
        reader->at++;
        if (!take_set_character(reader, &last))
            return false;
    }
    return first <= last ? add_range(reader, first, last)
                         : pattern_refuse(reader, "the range ends before it begins");
}

bool pattern_take_set(struct pattern_reader *reader)
{
    uint16_t begin = reader->range_count;
    bool negated = pattern_take(reader, '^');
    while (!pattern_take(reader, ']'))
        if (!take_set_item(reader))
            return false;
    return add_set(reader, begin, negated);
}

static bool take_one(struct pattern_reader *reader, uint32_t character)
{
    uint16_t begin = reader->range_count;
    return add_range(reader, character, character) && add_set(reader, begin, false);
}

bool pattern_take_escape(struct pattern_reader *reader)
{
    uint16_t begin = reader->range_count;
    uint32_t character;
    if (take_class(reader))
        return add_set(reader, begin, false);
    return reader->range_count == begin && take_escape(reader, false, &character) &&
           take_one(reader, character);
}

bool pattern_take_dot(struct pattern_reader *reader)
{
    uint16_t begin = reader->range_count;
    return add_ranges(reader, line_ends, 3, false) && add_set(reader, begin, true);
}

bool pattern_take_plain(struct pattern_reader *reader)
{
    return take_one(reader, pattern_code_point(reader->text, &reader->at));
}
