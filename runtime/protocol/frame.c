// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/frame.h"

#include "base/require.h"
#include "runtime/protocol/codec.h"

size_t frame_begin(struct buffer *out, enum frame_type type)
{
    size_t offset = out->length;
    put_u32(out, 0);
    put_u8(out, (uint8_t)type);
    return offset;
}

void frame_end(struct buffer *out, size_t offset)
{
    if (!buffer_ok(out))
        return;
    require(out->length >= offset + FRAME_HEADER_SIZE);
    size_t length = out->length - offset - FRAME_HEADER_SIZE;
    if (length > UINT32_MAX) {
        out->failed = true;
        return;
    }
    for (unsigned i = 0; i < 4; i++)
        out->data[offset + i] = (char)(uint8_t)(length >> (8 * i));
}

enum frame_status frame_next(struct bytes input, const struct frame_rules *rules, struct frame *ret_frame,
                             size_t *ret_used)
{
    if (input.length < FRAME_HEADER_SIZE)
        return FRAME_INCOMPLETE;
    struct reader header = reader_make(bytes_of(input.data, FRAME_HEADER_SIZE));
    uint32_t length = get_u32(&header);
    uint8_t type = get_u8(&header);
    if (type >= sizeof rules->maximum / sizeof *rules->maximum || rules->maximum[type] == 0 ||
        length > rules->maximum[type])
        return FRAME_BAD;
    if (input.length - FRAME_HEADER_SIZE < length)
        return FRAME_INCOMPLETE;
    ret_frame->type = (enum frame_type)type;
    ret_frame->body = bytes_of(input.data + FRAME_HEADER_SIZE, length);
    *ret_used = FRAME_HEADER_SIZE + (size_t)length;
    return FRAME_COMPLETE;
}
