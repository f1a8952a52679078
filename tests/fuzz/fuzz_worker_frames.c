// SPDX-License-Identifier: Apache-2.0
// The stream that a worker sends, as the engine reads it: frame by frame, each through its decoder.
#include "base/utf8.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void require_same(const struct buffer *out, struct bytes body)
{
    require(buffer_ok(out) && out->length == FRAME_HEADER_SIZE + body.length);
    require(bytes_equal(bytes_of(out->data + FRAME_HEADER_SIZE, body.length), body));
}

static void check_result(struct bytes body)
{
    struct worker_result result;
    if (!worker_result_decode(body, &result))
        return;
    require(utf8_valid(result.message) && result.traceback_count <= TRACEBACK_MAX);
    struct buffer out = buffer_make(body.length + 100);
    worker_result_encode(&out, &result);
    require_same(&out, body);
    buffer_free(&out);
}

static void check_denied(struct bytes body)
{
    struct denied_syscall denied;
    if (!denied_syscall_decode(body, &denied))
        return;
    static const size_t room = 16384; // for the longest traceback
    struct buffer out = buffer_make(room);
    require(buffer_reserve(&out, room) != NULL);
    out.length = denied_syscall_encode(out.data, room, &denied);
    require_same(&out, body);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct frame_rules rules = {
        .maximum = {[FRAME_LOG] = LOG_MESSAGE_MAX + 13, [FRAME_RESULT] = 1 << 20, [FRAME_DENIED] = 16000}};
    struct bytes input = bytes_of(data, size);
    struct frame frame;
    size_t used;
    while (frame_next(input, &rules, &frame, &used) == FRAME_COMPLETE) {
        require(used == FRAME_HEADER_SIZE + frame.body.length && used <= input.length);
        require(frame.body.length <= rules.maximum[frame.type]);
        struct log_line line;
        if (frame.type == FRAME_RESULT)
            check_result(frame.body);
        else if (frame.type == FRAME_DENIED)
            check_denied(frame.body);
        else
            log_line_decode(frame.body, &line);
        input = bytes_of(input.data + used, input.length - used);
    }
    return 0;
}
