// SPDX-License-Identifier: Apache-2.0
// How often each line ran that holds code: FRAME_COVERAGE, sent before the result of a job that asked for it.
// Only modules that were compiled have lines here. What a worker says is shown and never relied on.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COVERAGE_LINE_BYTES = 12, // of one line in a frame
    COVERAGE_BODY_MAX = 4 + (1 << 20) * COVERAGE_LINE_BYTES,
};

struct coverage_line {
    uint32_t module; // index in the job
    uint32_t line;   // from 1
    uint32_t hits;   // INT32_MAX: that many or more
};

// Writes a frame for `count` lines piece by piece: begin, then each line in the order of modules and lines,
// then end. Async-signal-safe over a fixed buffer.
size_t coverage_encode_begin(struct buffer *out, uint32_t count);
void coverage_encode_line(struct buffer *out, const struct coverage_line *line);
void coverage_encode_end(struct buffer *out, size_t begun);

// Whether `body` is what the encoder writes: lines in order, none twice, no module above MODULES_MAX.
bool coverage_check(struct bytes body);
// The lines of a body that coverage_check took.
uint32_t coverage_count(struct bytes body);
struct coverage_line coverage_line_at(struct bytes body, uint32_t index);
