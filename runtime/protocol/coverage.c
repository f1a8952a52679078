// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/coverage.h"

#include "base/require.h"
#include "runtime/protocol/codec.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"

enum { COUNT_BYTES = 4 };

size_t coverage_encode_begin(struct buffer *out, uint32_t count)
{
    size_t frame = frame_begin(out, FRAME_COVERAGE);
    put_u32(out, count);
    return frame;
}

void coverage_encode_line(struct buffer *out, const struct coverage_line *line)
{
    put_u32(out, line->module);
    put_u32(out, line->line);
    put_u32(out, line->hits);
}

void coverage_encode_end(struct buffer *out, size_t begun)
{
    frame_end(out, begun);
}

static struct coverage_line get_line(struct reader *in)
{
    struct coverage_line line;
    line.module = get_u32(in);
    line.line = get_u32(in);
    line.hits = get_u32(in);
    return line;
}

static bool follows(const struct coverage_line *line, const struct coverage_line *former)
{
    return line->module > former->module || (line->module == former->module && line->line > former->line);
}

bool coverage_check(struct bytes body)
{
    struct reader in = reader_make(body);
    uint32_t count = get_u32(&in);
    struct coverage_line former = {0};
    for (uint32_t i = 0; i < count && !in.failed; i++) {
        struct coverage_line line = get_line(&in);
        if (line.module >= MODULES_MAX || line.line == 0 || !follows(&line, &former))
            return false;
        former = line;
    }
    return reader_finished(&in);
}

uint32_t coverage_count(struct bytes body)
{
    struct reader in = reader_make(body);
    return get_u32(&in);
}

struct coverage_line coverage_line_at(struct bytes body, uint32_t index)
{
    size_t offset = COUNT_BYTES + (size_t)index * COVERAGE_LINE_BYTES;
    require(offset + COVERAGE_LINE_BYTES <= body.length);
    struct reader in = reader_make(bytes_of(body.data + offset, COVERAGE_LINE_BYTES));
    return get_line(&in);
}
