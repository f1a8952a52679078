// SPDX-License-Identifier: Apache-2.0
#include "policies/quote.h"

#include "base/hidden_text.h"

enum { KEPT_MAX = 80 };

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
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
        uint32_t code_point;
        size_t hidden = hidden_length(text, i, &code_point);
        bool plain = hidden == 0 && text.data[i] != '"' && text.data[i] != '\\';
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
