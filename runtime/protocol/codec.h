// SPDX-License-Identifier: Apache-2.0
// Typed put and get for message bodies. Integers are little-endian; a string is a u32 length and its bytes.
// A failure sticks, so a message's code checks once, at its end. The reader borrows from the body: strings
// point into it. Any process; the writer allocates through struct buffer, the reader never.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

void put_u8(struct buffer *out, uint8_t value);
void put_u16(struct buffer *out, uint16_t value);
void put_u32(struct buffer *out, uint32_t value);
void put_u64(struct buffer *out, uint64_t value);
void put_bytes(struct buffer *out, struct bytes value);
// A string for people: at most `maximum` bytes of it, and what is not UTF-8 replaced by U+FFFD.
void put_text(struct buffer *out, struct bytes text, size_t maximum);

struct reader {
    const uint8_t *at;
    size_t left;
    bool failed;
};

struct reader reader_make(struct bytes body);
// After a failure, and at the end of the body, all of these give zero or an empty string and set `failed`.
uint8_t get_u8(struct reader *in);
uint16_t get_u16(struct reader *in);
uint32_t get_u32(struct reader *in);
uint64_t get_u64(struct reader *in);
struct bytes get_bytes(struct reader *in, size_t maximum);
// A string that must be valid UTF-8.
struct bytes get_text(struct reader *in, size_t maximum);
// A u8 that must be below `count`.
uint8_t get_enum(struct reader *in, unsigned count);
bool get_bool(struct reader *in); // 0 or 1, anything else fails
// True if nothing failed and nothing is left over.
bool reader_finished(const struct reader *in);
