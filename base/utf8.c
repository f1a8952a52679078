// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

static const char REPLACEMENT[3] = {'\xef', '\xbf', '\xbd'};

// Offset of the first byte above 0x7f, `length` if there is none.
static size_t ascii_run(const uint8_t *at, size_t offset, size_t length)
{
    while (length - offset >= 8) {
        uint64_t word;
        memcpy(&word, at + offset, 8);
        if ((word & 0x8080808080808080u) != 0)
            break;
        offset += 8;
    }
    while (offset < length && at[offset] < 0x80)
        offset++;
    return offset;
}

// Offset of the first ill-formed byte, `length` if there is none.
static size_t valid_run(const uint8_t *at, size_t offset, size_t length)
{
    for (;;) {
        offset = ascii_run(at, offset, length);
        if (offset == length)
            return length;
        size_t sequence = utf8_sequence(at + offset, length - offset);
        if (sequence == 0)
            return offset;
        offset += sequence;
    }
}

size_t utf8_valid_length(struct bytes text)
{
    return valid_run((const uint8_t *)text.data, 0, text.length);
}

bool utf8_valid(struct bytes text)
{
    return utf8_valid_length(text) == text.length;
}

size_t utf8_cut(struct bytes text, size_t maximum)
{
    if (text.length <= maximum)
        return text.length;
    size_t end = maximum;
    // At most three continuation bytes can precede the cut; more is not UTF-8 and may be cut anywhere.
    for (int i = 0; i < 3 && end > 0 && ((uint8_t)text.data[end] & 0xc0) == 0x80; i++)
        end--;
    return ((uint8_t)text.data[end] & 0xc0) == 0x80 ? maximum : end;
}

void utf8_put_clean(struct buffer *out, struct bytes text, size_t maximum)
{
    const uint8_t *at = (const uint8_t *)text.data;
    size_t offset = 0;
    while (offset < text.length) {
        size_t end = valid_run(at, offset, text.length);
        struct bytes run = bytes_of(text.data + offset, end - offset);
        size_t length = utf8_cut(run, maximum);
        buffer_append(out, run.data, length);
        maximum -= length;
        if (length < run.length || end == text.length || maximum < sizeof REPLACEMENT)
            return;
        buffer_append(out, REPLACEMENT, sizeof REPLACEMENT);
        maximum -= sizeof REPLACEMENT;
        offset = end + utf8_broken(at + end, text.length - end);
    }
}
