// SPDX-License-Identifier: Apache-2.0
#include "policies/quote.h"

enum { KEPT_MAX = 80 };

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

// U+0080 to U+009F are control characters too, and U+202A to U+202E and U+2066 to U+2069 turn text around.
static size_t hidden_length(const char *at, size_t left)
{
    const unsigned char *byte = (const unsigned char *)at;
    if (left >= 2 && byte[0] == 0xC2 && byte[1] < 0xA0)
        return 2;
    if (left >= 3 && byte[0] == 0xE2 && byte[1] == 0x80 && byte[2] >= 0xA8 && byte[2] <= 0xAE)
        return 3;
    if (left >= 3 && byte[0] == 0xE2 && byte[1] == 0x81 && byte[2] >= 0xA6 && byte[2] <= 0xA9)
        return 3;
    return 0;
}

const char *quote(struct bytes text, char out[QUOTE_SIZE])
{
    size_t kept = text.length;
    if (kept > KEPT_MAX) {
        kept = KEPT_MAX;
        while (kept > 0 && is_continuation(text.data[kept]))
            kept--;
    }
    char *to = out;
    *to++ = '"';
    for (size_t i = 0; i < kept;) {
        size_t hidden = hidden_length(text.data + i, kept - i);
        unsigned char byte = (unsigned char)text.data[i];
        bool plain = hidden == 0 && byte >= 0x20 && byte != 0x7F && byte != '"' && byte != '\\';
        *to++ = plain ? text.data[i] : '?';
        i += hidden ? hidden : 1;
    }
    if (kept < text.length) {
        memcpy(to, "...", 3);
        to += 3;
    }
    *to++ = '"';
    *to = '\0';
    return out;
}
