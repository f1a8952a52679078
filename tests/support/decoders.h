// SPDX-License-Identifier: Apache-2.0
// What every decoder of a message has to stand: bodies cut at each byte, with a byte more, and with each byte
// changed. Bodies lie in blocks of exactly their size, so that a sanitizer sees a read of one byte too many.
#pragma once

#include "base/bytes.h"
#include "base/cleanup.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

// Decodes into memory that it throws away; true if the body was accepted.
typedef bool (*decoder)(struct bytes body);

static inline bool decode_copy(decoder decode, const char *body, size_t length)
{
    autofree char *block = malloc(length + 1);
    assert_non_null(block);
    char *end_aligned = block + 1;
    if (length > 0)
        memcpy(end_aligned, body, length);
    return decode(bytes_of(end_aligned, length));
}

static inline void assert_decoder_is_strict(decoder decode, struct bytes good)
{
    assert_true(decode_copy(decode, good.data, good.length));
    for (size_t cut = 0; cut < good.length; cut++)
        assert_false(decode_copy(decode, good.data, cut));
    autofree char *changed = calloc(1, good.length + 1);
    memcpy(changed, good.data, good.length);
    assert_false(decode_copy(decode, changed, good.length + 1));
    for (size_t at = 0; at < good.length; at++) {
        for (unsigned byte = 0; byte < 256; byte += at < 64 ? 1 : 51) {
            changed[at] = (char)byte;
            // Some changes are good messages too; what counts is that none does harm.
            decode_copy(decode, changed, good.length);
        }
        changed[at] = good.data[at];
    }
}
