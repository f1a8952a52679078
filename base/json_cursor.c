// SPDX-License-Identifier: Apache-2.0
#include "base/json_cursor.h"

#include "base/json_number.h"
#include "base/json_string.h"
#include "base/require.h"

#include <string.h>

enum state { WANT_VALUE, WANT_FIRST_ELEMENT, WANT_FIRST_NAME, AFTER_VALUE, ENDED, FAULTED };

// White space and digits by table: one load instead of four comparisons.
enum { SPACE = 1, DIGIT = 2 };
static const uint8_t kinds[256] = {
    [' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE, ['0'] = DIGIT,
    ['1'] = DIGIT, ['2'] = DIGIT,  ['3'] = DIGIT,  ['4'] = DIGIT,  ['5'] = DIGIT,
    ['6'] = DIGIT, ['7'] = DIGIT,  ['8'] = DIGIT,  ['9'] = DIGIT,
};

void json_cursor_init(struct json_cursor *cursor, struct bytes text, unsigned depth_maximum)
{
    require(depth_maximum >= 1 && depth_maximum <= JSON_DEPTH_MAX);
    memset(cursor, 0, sizeof *cursor);
    cursor->text = text.data;
    cursor->length = text.length;
    cursor->depth_maximum = depth_maximum;
    cursor->state = WANT_VALUE;
}

static bool is_kind(const struct json_cursor *cursor, size_t offset, uint8_t kind)
{
    return offset < cursor->length && (kinds[(uint8_t)cursor->text[offset]] & kind) != 0;
}

// Lines and columns are counted here only: good text never pays for them.
static enum json_token fault_at(struct json_cursor *cursor, size_t offset, const char *what)
{
    unsigned line = 1;
    size_t line_begin = 0;
    for (size_t i = 0; i < offset; i++) {
        if (cursor->text[i] == '\n') {
            line++;
            line_begin = i + 1;
        }
    }
    cursor->state = FAULTED;
    cursor->offset = offset;
    cursor->fault = (struct json_fault){
        .what = what, .offset = offset, .line = line, .column = (unsigned)(offset - line_begin + 1)};
    return JSON_FAULT;
}

enum json_token json_refuse(struct json_cursor *cursor, const char *what)
{
    return fault_at(cursor, cursor->offset, what);
}

// The opening quote is at the cursor's offset.
static bool read_string(struct json_cursor *cursor)
{
    struct json_string string;
    if (!json_string_scan(bytes_of(cursor->text, cursor->length), cursor->offset + 1, &string)) {
        fault_at(cursor, string.fault_offset, string.fault);
        return false;
    }
    cursor->span = string.span;
    cursor->has_escapes = string.has_escapes;
    cursor->offset = string.end;
    return true;
}

static size_t skip_digits(const struct json_cursor *cursor, size_t at)
{
    while (is_kind(cursor, at, DIGIT))
        at++;
    return at;
}

// The digits of an integer as int64, if they fit.
static bool integer_of(struct bytes text, int64_t *ret_integer)
{
    bool negative = text.data[0] == '-';
    int64_t value = 0;
    for (size_t i = negative ? 1 : 0; i < text.length; i++) {
        int digit = text.data[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *ret_integer = value;
    return true;
}

static enum json_token read_number(struct json_cursor *cursor)
{
    const char *text = cursor->text;
    size_t begin = cursor->offset;
    size_t at = begin;
    bool whole = true;
    bool scaled = false;
    if (text[at] == '-')
        at++;
    if (!is_kind(cursor, at, DIGIT))
        return fault_at(cursor, at, "expected a digit");
    if (text[at] == '0' && is_kind(cursor, at + 1, DIGIT))
        return fault_at(cursor, at, "a number must not begin with 0");
    at = skip_digits(cursor, at);
    if (at < cursor->length && text[at] == '.') {
        whole = false;
        if (!is_kind(cursor, ++at, DIGIT))
            return fault_at(cursor, at, "expected a digit after the decimal point");
        at = skip_digits(cursor, at);
    }
    if (at < cursor->length && (text[at] == 'e' || text[at] == 'E')) {
        whole = false;
        scaled = true;
        at++;
        if (at < cursor->length && (text[at] == '+' || text[at] == '-'))
            at++;
        if (!is_kind(cursor, at, DIGIT))
            return fault_at(cursor, at, "expected a digit in the exponent");
        at = skip_digits(cursor, at);
    }
    cursor->span = bytes_of(text + begin, at - begin);
    if (whole && integer_of(cursor->span, &cursor->integer)) {
        cursor->offset = at;
        cursor->state = AFTER_VALUE;
        return JSON_INTEGER;
    }
    // Without an exponent, it takes more than 300 digits to overflow.
    if ((scaled || cursor->span.length > 300) && json_number_overflows(cursor->span))
        return fault_at(cursor, begin, "the number is too large for a double");
    cursor->offset = at;
    cursor->state = AFTER_VALUE;
    return JSON_FLOAT;
}

static enum json_token open_level(struct json_cursor *cursor, bool is_object)
{
    if (cursor->depth >= cursor->depth_maximum)
        return fault_at(cursor, cursor->offset, "nested too deep");
    uint64_t bit = 1ULL << (cursor->depth % 64);
    if (is_object)
        cursor->is_object[cursor->depth / 64] |= bit;
    else
        cursor->is_object[cursor->depth / 64] &= ~bit;
    cursor->depth++;
    cursor->offset++;
    cursor->state = is_object ? WANT_FIRST_NAME : WANT_FIRST_ELEMENT;
    return is_object ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN;
}

static enum json_token close_level(struct json_cursor *cursor, bool is_object)
{
    cursor->depth--;
    cursor->offset++;
    cursor->state = AFTER_VALUE;
    return is_object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static enum json_token read_word(struct json_cursor *cursor, const char *word, size_t length,
                                 enum json_token token)
{
    size_t left = cursor->length - cursor->offset;
    if (left < length || memcmp(cursor->text + cursor->offset, word, length) != 0)
        return fault_at(cursor, cursor->offset, "expected a value");
    cursor->offset += length;
    cursor->state = AFTER_VALUE;
    return token;
}

static enum json_token read_value(struct json_cursor *cursor)
{
    if (cursor->offset >= cursor->length)
        return fault_at(cursor, cursor->offset, "the text ends where a value is expected");
    char byte = cursor->text[cursor->offset];
    switch (byte) {
    case '"':
        if (!read_string(cursor))
            return JSON_FAULT;
        cursor->state = AFTER_VALUE;
        return JSON_STRING;
    case '{':
    case '[':
        return open_level(cursor, byte == '{');
    case 't':
        return read_word(cursor, "true", 4, JSON_TRUE);
    case 'f':
        return read_word(cursor, "false", 5, JSON_FALSE);
    case 'n':
        return read_word(cursor, "null", 4, JSON_NULL);
    default:
        if (byte == '-' || (kinds[(uint8_t)byte] & DIGIT) != 0)
            return read_number(cursor);
        return fault_at(cursor, cursor->offset, "expected a value");
    }
}

static void skip_space(struct json_cursor *cursor)
{
    size_t at = cursor->offset;
    while (is_kind(cursor, at, SPACE))
        at++;
    cursor->offset = at;
}

// A name and the colon behind it.
static enum json_token read_name(struct json_cursor *cursor, const char *expected)
{
    if (cursor->offset >= cursor->length)
        return fault_at(cursor, cursor->offset, "the text ends within an object");
    if (cursor->text[cursor->offset] != '"')
        return fault_at(cursor, cursor->offset, expected);
    if (!read_string(cursor))
        return JSON_FAULT;
    skip_space(cursor);
    if (cursor->offset >= cursor->length)
        return fault_at(cursor, cursor->offset, "the text ends within an object");
    if (cursor->text[cursor->offset] != ':')
        return fault_at(cursor, cursor->offset, "expected ':' after a name");
    cursor->offset++;
    cursor->state = WANT_VALUE;
    return JSON_NAME;
}

static enum json_token after_value(struct json_cursor *cursor)
{
    size_t at = cursor->offset;
    if (cursor->depth == 0) {
        if (at < cursor->length)
            return fault_at(cursor, at, "more text after the value");
        cursor->state = ENDED;
        return JSON_END;
    }
    unsigned level = cursor->depth - 1;
    bool in_object = (cursor->is_object[level / 64] >> (level % 64) & 1) != 0;
    if (at >= cursor->length)
        return fault_at(cursor, at,
                        in_object ? "the text ends within an object" : "the text ends within an array");
    if (cursor->text[at] == (in_object ? '}' : ']'))
        return close_level(cursor, in_object);
    if (cursor->text[at] != ',')
        return fault_at(cursor, at, in_object ? "expected ',' or '}'" : "expected ',' or ']'");
    cursor->offset++;
    skip_space(cursor);
    return in_object ? read_name(cursor, "expected a name in quotes") : read_value(cursor);
}

enum json_token json_next(struct json_cursor *cursor)
{
    skip_space(cursor);
    bool more = cursor->offset < cursor->length;
    switch ((enum state)cursor->state) {
    case AFTER_VALUE:
        return after_value(cursor);
    case WANT_VALUE:
        return read_value(cursor);
    case WANT_FIRST_ELEMENT:
        if (more && cursor->text[cursor->offset] == ']')
            return close_level(cursor, false);
        return read_value(cursor);
    case WANT_FIRST_NAME:
        if (more && cursor->text[cursor->offset] == '}')
            return close_level(cursor, true);
        return read_name(cursor, "expected a name in quotes or '}'");
    case ENDED:
        return JSON_END;
    case FAULTED:
        break;
    }
    return JSON_FAULT;
}

// Where the text of the token last read began.
static size_t token_begin(const struct json_cursor *cursor, enum json_token token)
{
    static const uint8_t word_lengths[] = {
        [JSON_OBJECT_BEGIN] = 1, [JSON_ARRAY_BEGIN] = 1, [JSON_TRUE] = 4, [JSON_FALSE] = 5, [JSON_NULL] = 4};
    if (token == JSON_STRING)
        return (size_t)(cursor->span.data - cursor->text) - 1;
    if (token == JSON_INTEGER || token == JSON_FLOAT)
        return (size_t)(cursor->span.data - cursor->text);
    return cursor->offset - word_lengths[token];
}

bool json_skip_value(struct json_cursor *cursor, struct bytes *ret_text)
{
    unsigned depth = cursor->depth;
    enum json_token token = json_next(cursor);
    if (token == JSON_FAULT)
        return false;
    if (token == JSON_END || token == JSON_NAME || token == JSON_OBJECT_END || token == JSON_ARRAY_END)
        return fault_at(cursor, cursor->offset, "expected a value"), false;
    size_t begin = token_begin(cursor, token);
    while (cursor->depth > depth)
        if (json_next(cursor) == JSON_FAULT)
            return false;
    *ret_text = bytes_of(cursor->text + begin, cursor->offset - begin);
    return true;
}

bool json_check(struct bytes text, unsigned depth_maximum, struct json_fault *ret_fault)
{
    struct json_cursor cursor;
    json_cursor_init(&cursor, text, depth_maximum);
    for (;;) {
        enum json_token token = json_next(&cursor);
        if (token == JSON_END)
            return true;
        if (token == JSON_FAULT) {
            if (ret_fault != NULL)
                *ret_fault = cursor.fault;
            return false;
        }
    }
}
