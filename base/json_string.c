// SPDX-License-Identifier: Apache-2.0
#include "base/json_string.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

static const char simple_escapes[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

static const char ENDS_WITHIN[] = "the text ends within a string";

static bool fault_at(struct json_string *string, size_t offset, const char *what)
{
    string->fault = what;
    string->fault_offset = offset;
    return false;
}

// -1 for what is no hex digit.
static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static uint32_t unit_at(const char *at)
{
    return (uint32_t)hex_value(at[0]) << 12 | (uint32_t)hex_value(at[1]) << 8 |
           (uint32_t)hex_value(at[2]) << 4 | (uint32_t)hex_value(at[3]);
}

// Four hex digits at `offset`.
static bool check_unit(struct bytes text, size_t offset, uint32_t *ret_unit, struct json_string *string)
{
    for (size_t i = offset; i < offset + 4; i++) {
        if (i >= text.length)
            return fault_at(string, text.length, ENDS_WITHIN);
        if (hex_value(text.data[i]) < 0)
            return fault_at(string, i, "expected four hex digits after \\u");
    }
    *ret_unit = unit_at(text.data + offset);
    return true;
}

// The backslash is at `offset`. Sets the offset behind the escape.
static bool check_escape(struct bytes text, size_t offset, size_t *ret_end, struct json_string *string)
{
    size_t at = offset + 1;
    if (at >= text.length)
        return fault_at(string, text.length, ENDS_WITHIN);
    if (simple_escapes[(uint8_t)text.data[at]] != 0) {
        *ret_end = at + 1;
        return true;
    }
    if (text.data[at] != 'u')
        return fault_at(string, at, "unknown escape in a string");
    uint32_t unit;
    if (!check_unit(text, at + 1, &unit, string))
        return false;
    *ret_end = at + 5;
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    if (unit > 0xdbff)
        return fault_at(string, offset, "a low surrogate without a high one before it");
    for (size_t i = 0; i < 2; i++) {
        if (at + 5 + i >= text.length)
            return fault_at(string, text.length, ENDS_WITHIN);
        if (text.data[at + 5 + i] != "\\u"[i])
            return fault_at(string, offset, "a high surrogate without a low one after it");
    }
    if (!check_unit(text, at + 7, &unit, string))
        return false;
    if (unit < 0xdc00 || unit > 0xdfff)
        return fault_at(string, offset, "a high surrogate without a low one after it");
    *ret_end = at + 11;
    return true;
}

bool json_string_scan(struct bytes text, size_t begin, struct json_string *ret_string)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    size_t at = begin;
    bool has_escapes = false;
    for (;;) {
        at = utf8_plain_run(bytes, at, text.length);
        if (at == text.length)
            return fault_at(ret_string, at, ENDS_WITHIN);
        if (bytes[at] == '"')
            break;
        if (bytes[at] == '\\') {
            has_escapes = true;
            if (!check_escape(text, at, &at, ret_string))
                return false;
            continue;
        }
        if (bytes[at] < 0x20)
            return fault_at(ret_string, at, "a control character in a string must be escaped");
        // Characters beyond ASCII come in rows.
        do {
            size_t sequence = utf8_sequence(bytes + at, text.length - at);
            if (sequence == 0)
                return fault_at(ret_string, at, "the text is not valid UTF-8");
            at += sequence;
        } while (at < text.length && bytes[at] >= 0x80);
    }
    ret_string->span = bytes_of(text.data + begin, at - begin);
    ret_string->has_escapes = has_escapes;
    ret_string->end = at + 1;
    return true;
}

// UTF-8 of a code point up to U+10FFFF; returns its length.
static size_t put_code_point(uint32_t code, char *out)
{
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(leads[length] | code);
    return length;
}

size_t json_unescape(struct bytes span, char *out)
{
    size_t used = 0;
    size_t at = 0;
    while (at < span.length) {
        const char *escape = memchr(span.data + at, '\\', span.length - at);
        size_t plain = escape != NULL ? (size_t)(escape - span.data) - at : span.length - at;
        memmove(out + used, span.data + at, plain);
        used += plain;
        at += plain;
        if (escape == NULL)
            break;
        if (escape[1] != 'u') {
            out[used++] = simple_escapes[(uint8_t)escape[1]];
            at += 2;
            continue;
        }
        uint32_t code = unit_at(escape + 2);
        at += 6;
        if (code >= 0xd800 && code <= 0xdbff) {
            code = 0x10000 + ((code - 0xd800) << 10) + (unit_at(escape + 8) - 0xdc00);
            at += 6;
        }
        used += put_code_point(code, out + used);
    }
    return used;
}
