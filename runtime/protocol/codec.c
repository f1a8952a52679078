// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/codec.h"

#include "base/utf8.h"

static void put_little_endian(struct buffer *out, uint64_t value, unsigned size)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    buffer_append(out, bytes, size);
}

void put_u8(struct buffer *out, uint8_t value)
{
    put_little_endian(out, value, 1);
}

void put_u16(struct buffer *out, uint16_t value)
{
    put_little_endian(out, value, 2);
}

void put_u32(struct buffer *out, uint32_t value)
{
    put_little_endian(out, value, 4);
}

void put_u64(struct buffer *out, uint64_t value)
{
    put_little_endian(out, value, 8);
}

void put_bytes(struct buffer *out, struct bytes value)
{
    if (value.length > UINT32_MAX) {
        out->failed = true;
        return;
    }
    put_u32(out, (uint32_t)value.length);
    buffer_append(out, value.data, value.length);
}

void put_text(struct buffer *out, struct bytes text, size_t maximum)
{
    size_t offset = out->length;
    put_u32(out, 0);
    size_t begin = out->length;
    utf8_put_clean(out, text, maximum);
    if (!buffer_ok(out))
        return;
    size_t length = out->length - begin;
    for (unsigned i = 0; i < 4; i++)
        out->data[offset + i] = (char)(uint8_t)(length >> (8 * i));
}

struct reader reader_make(struct bytes body)
{
    return (struct reader){.at = (const uint8_t *)body.data, .left = body.length};
}

// The next `size` bytes, or NULL once anything has failed.
static const uint8_t *take(struct reader *in, size_t size)
{
    if (in->failed || size > in->left) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *taken = in->at;
    in->at += size;
    in->left -= size;
    return taken;
}

static uint64_t get_little_endian(struct reader *in, unsigned size)
{
    const uint8_t *bytes = take(in, size);
    uint64_t value = 0;
    for (unsigned i = 0; bytes != NULL && i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

uint8_t get_u8(struct reader *in)
{
    return (uint8_t)get_little_endian(in, 1);
}

uint16_t get_u16(struct reader *in)
{
    return (uint16_t)get_little_endian(in, 2);
}

uint32_t get_u32(struct reader *in)
{
    return (uint32_t)get_little_endian(in, 4);
}

uint64_t get_u64(struct reader *in)
{
    return get_little_endian(in, 8);
}

struct bytes get_bytes(struct reader *in, size_t maximum)
{
    uint32_t length = get_u32(in);
    if (length > maximum)
        in->failed = true;
    const uint8_t *bytes = take(in, length);
    return bytes != NULL ? bytes_of(bytes, length) : bytes_of("", 0);
}

struct bytes get_text(struct reader *in, size_t maximum)
{
    struct bytes text = get_bytes(in, maximum);
    if (!utf8_valid(text)) {
        in->failed = true;
        return bytes_of("", 0);
    }
    return text;
}

uint8_t get_enum(struct reader *in, unsigned count)
{
    uint8_t value = get_u8(in);
    if (value >= count) {
        in->failed = true;
        return 0;
    }
    return value;
}

bool get_bool(struct reader *in)
{
    return get_enum(in, 2) == 1;
}

bool reader_finished(const struct reader *in)
{
    return !in->failed && in->left == 0;
}
