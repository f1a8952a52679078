// SPDX-License-Identifier: Apache-2.0
#include "base/hidden_text.h"

#include "base/utf8.h"

#include <stdio.h>

enum { JOINER_LENGTH = 3 };

static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0, 0x1f},        // control characters
    {0x7f, 0x9f},       // and those that some terminals obey as ESC and a letter
    {0xad, 0xad},       // soft hyphen
    {0x34f, 0x34f},     // grapheme joiner
    {0x61c, 0x61c},     // direction of Arabic letters
    {0x115f, 0x1160},   // fillers of Hangul
    {0x17b4, 0x17b5},   // vowels of Khmer without a shape
    {0x180b, 0x180f},   // of Mongolian
    {0x200b, 0x200f},   // no width; direction
    {0x2028, 0x202e},   // ends of lines and paragraphs; direction, overridden
    {0x2060, 0x206f},   // no width; direction, isolated
    {0x3164, 0x3164},   // filler of Hangul
    {0xfeff, 0xfeff},   // byte order
    {0xffa0, 0xffa0},   // filler of Hangul, half as wide
    {0xfff0, 0xfffb},   // annotations
    {0x1bca0, 0x1bca3}, // of shorthand
    {0x1d173, 0x1d17a}, // of musical notes
    {0xe0000, 0xe0fff}, // tags, and more variants
};

static uint32_t decode(const uint8_t *at, size_t length)
{
    static const uint8_t lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code_point = at[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | (at[i] & 0x3f);
    return code_point;
}

static bool is_joiner(struct bytes text, size_t at)
{
    const uint8_t *byte = (const uint8_t *)text.data + at;
    return text.length - at >= JOINER_LENGTH && byte[0] == 0xe2 && byte[1] == 0x80 &&
           (byte[2] == 0x8c || byte[2] == 0x8d);
}

// Whether the joiner at `at` joins two characters that want it.
static bool joins(struct bytes text, size_t at)
{
    size_t next = at + JOINER_LENGTH;
    return at > 0 && next < text.length && (uint8_t)text.data[at - 1] >= 0x80 &&
           (uint8_t)text.data[next] >= 0x80 && !is_joiner(text, next) &&
           (at < JOINER_LENGTH || !is_joiner(text, at - JOINER_LENGTH));
}

size_t hidden_length(struct bytes text, size_t at, uint32_t *ret_code_point)
{
    const uint8_t *bytes = (const uint8_t *)text.data + at;
    if (bytes[0] >= 0x20 && bytes[0] < 0x7f)
        return 0;
    size_t length = utf8_sequence(bytes, text.length - at);
    if (length == 0 || (is_joiner(text, at) && joins(text, at)))
        return 0;
    uint32_t code_point = decode(bytes, length);
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (code_point < hidden[i].first)
            return 0;
        if (code_point <= hidden[i].last) {
            *ret_code_point = code_point;
            return length;
        }
    }
    return 0;
}

static bool is_layout(char byte)
{
    return byte == '\n' || byte == '\t' || byte == '\r';
}

bool hidden_find(struct bytes text, bool has_lines, uint32_t *ret_code_point)
{
    for (size_t at = 0; at < text.length; at++) {
        if (has_lines && is_layout(text.data[at]))
            continue;
        if (hidden_length(text, at, ret_code_point) > 0)
            return true;
    }
    return false;
}

size_t hidden_escape(uint32_t code_point, char escape[HIDDEN_ESCAPE_SIZE])
{
    if (code_point < 0x10000)
        return (size_t)snprintf(escape, HIDDEN_ESCAPE_SIZE, "\\u%04x", (unsigned)(code_point & 0xffff));
    unsigned rest = (unsigned)(code_point - 0x10000) & 0xfffff;
    return (size_t)snprintf(escape, HIDDEN_ESCAPE_SIZE, "\\u%04x\\u%04x", 0xd800 | rest >> 10,
                            0xdc00 | (rest & 0x3ff));
}
