// SPDX-License-Identifier: Apache-2.0
// UTF-8 as the Unicode standard's table 3-7 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
// Nothing here allocates but through a buffer. Async-signal-safe; any process.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Length of the well-formed sequence at `at` (1 to 4 bytes), or 0 if there is none within `left` bytes.
static inline size_t utf8_sequence(const uint8_t *at, size_t left)
{
    uint8_t first = at[0];
    if (first < 0x80)
        return 1;
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || left < length)
        return 0;
    uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < lowest || at[1] > highest)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

// How many bytes at `at` belong to one ill-formed sequence: the maximal subpart that decoders replace by one
// U+FFFD. Only where utf8_sequence gave 0; at least 1.
static inline size_t utf8_broken(const uint8_t *at, size_t left)
{
    uint8_t padded[4] = {at[0], 0x80, 0x80, 0x80};
    size_t length = 1;
    // The part is maximal while good continuation bytes could still complete it.
    if (at[0] == 0xe0 || at[0] == 0xf0)
        padded[1] = at[0] == 0xe0 ? 0xa0 : 0x90;
    if (utf8_sequence(padded, 4) == 0)
        return 1;
    while (length < left && length < 4) {
        padded[length] = at[length];
        if (utf8_sequence(padded, 4) == 0)
            break;
        length++;
    }
    return length;
}

// Offset, from `offset` on, of the first byte that cannot stand in a JSON string as it is and needs a look:
// '"', '\\', below 0x20 or above 0x7f; `length` if there is none. Eight bytes at a time: subtracting makes
// the high bit of a byte that was too small; a borrow can only spoil bytes above the first hit.
static inline size_t utf8_plain_run(const uint8_t *text, size_t offset, size_t length)
{
    const uint64_t ones = 0x0101010101010101u;
    while (length - offset >= 8) {
        uint64_t word;
        memcpy(&word, text + offset, 8);
        word = le64toh(word);
        uint64_t quote = word ^ (ones * '"');
        uint64_t backslash = word ^ (ones * '\\');
        uint64_t hits = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
                        ((backslash - ones) & ~backslash) | word;
        hits &= ones * 0x80;
        if (hits != 0)
            return offset + (size_t)__builtin_ctzll(hits) / 8;
        offset += 8;
    }
    while (offset < length && text[offset] >= 0x20 && text[offset] < 0x80 && text[offset] != '"' &&
           text[offset] != '\\')
        offset++;
    return offset;
}

// True if `text` is well-formed UTF-8, NUL allowed.
bool utf8_valid(struct bytes text);
// How many bytes at its start are well-formed: text.length if all are.
size_t utf8_valid_length(struct bytes text);

// Length of the longest prefix of `text` that is at most `maximum` bytes and does not cut a sequence in two.
size_t utf8_cut(struct bytes text, size_t maximum);

// Appends `text` with every ill-formed part replaced by U+FFFD, at most `maximum` bytes of it.
void utf8_put_clean(struct buffer *out, struct bytes text, size_t maximum);
