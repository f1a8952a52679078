// SPDX-License-Identifier: Apache-2.0
// The stream that a worker sends, as the engine reads it: frame by frame, each through its decoder; and what
// is made of a profile is JSON.
#include "base/json_cursor.h"
#include "base/utf8.h"
#include "runtime/engine/profile_json.h"
#include "runtime/protocol/coverage.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
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

static void check_profile(struct bytes body)
{
    struct profile *profile = malloc(sizeof *profile);
    require(profile != NULL);
    if (profile_decode(body, profile)) {
        struct buffer out = buffer_make(body.length + 100);
        profile_encode(&out, profile);
        require_same(&out, body);
        buffer_free(&out);
        struct buffer text = buffer_make(SIZE_MAX);
        profile_json_put(&text, profile);
        require(buffer_ok(&text) && json_check(bytes_of(text.data, text.length), 8, NULL));
        buffer_free(&text);
    }
    free(profile);
}

static void check_coverage(struct bytes body)
{
    if (!coverage_check(body))
        return;
    uint32_t count = coverage_count(body);
    struct buffer out = buffer_make(body.length + 100);
    size_t begun = coverage_encode_begin(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        struct coverage_line line = coverage_line_at(body, i);
        coverage_encode_line(&out, &line);
    }
    coverage_encode_end(&out, begun);
    require_same(&out, body);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct frame_rules rules = {.maximum = {[FRAME_LOG] = LOG_MESSAGE_MAX + 13,
                                                         [FRAME_RESULT] = 1 << 20,
                                                         [FRAME_DENIED] = 16000,
                                                         [FRAME_PROFILE] = PROFILE_BODY_MAX,
                                                         [FRAME_COVERAGE] = COVERAGE_BODY_MAX}};
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
        else if (frame.type == FRAME_PROFILE)
            check_profile(frame.body);
        else if (frame.type == FRAME_COVERAGE)
            check_coverage(frame.body);
        else
            log_line_decode(frame.body, &line);
        input = bytes_of(input.data + used, input.length - used);
    }
    return 0;
}
