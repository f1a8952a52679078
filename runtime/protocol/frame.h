// SPDX-License-Identifier: Apache-2.0
// Frames on the stream between the engine and a worker: u32 body length, u8 type, body. Little-endian.
// docs/protocol.md describes every message. No I/O here; any process.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum frame_type {
    FRAME_JOB = 1,      // engine -> worker, exactly one
    FRAME_LOG = 2,      // worker -> engine, any number
    FRAME_RESULT = 3,   // worker -> engine, exactly one, the last
    FRAME_DENIED = 4,   // worker -> engine: a system call was refused (audit goes on, enforce ends)
    FRAME_PROFILE = 5,  // worker -> engine: at most one, before the result, if the job asked for it
    FRAME_COVERAGE = 6, // worker -> engine: likewise
};

enum { FRAME_HEADER_SIZE = 5, FRAME_TYPES_END = FRAME_COVERAGE + 1 };

struct frame {
    enum frame_type type;
    struct bytes body; // borrowed from the input
};

// Starts a frame: appends a header with length 0. Returns its offset, to be given to frame_end.
size_t frame_begin(struct buffer *out, enum frame_type type);
// Fills in the length of the frame begun at `offset`.
void frame_end(struct buffer *out, size_t offset);

enum frame_status { FRAME_COMPLETE, FRAME_INCOMPLETE, FRAME_BAD };

// What a receiver takes: `maximum[type]` in bytes of body, 0 for a type that it refuses.
struct frame_rules {
    uint32_t maximum[FRAME_TYPES_END];
};

// Looks for one frame at the start of `input`. FRAME_COMPLETE: `ret_frame` and `ret_used` (bytes to drop)
// are set. FRAME_BAD: unknown or refused type, or a length above the rule's maximum, told from the header
// alone. FRAME_INCOMPLETE: more bytes are needed; nothing is set.
enum frame_status frame_next(struct bytes input, const struct frame_rules *rules, struct frame *ret_frame,
                             size_t *ret_used);
