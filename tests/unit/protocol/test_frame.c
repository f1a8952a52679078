// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/codec.h"
#include "runtime/protocol/frame.h"
#include "tests/support/cmocka_all.h"

static const struct frame_rules rules = {.maximum = {[FRAME_LOG] = 4, [FRAME_RESULT] = 100}};

static enum frame_status next(const char *bytes, size_t length, struct frame *frame, size_t *used)
{
    return frame_next(bytes_of(bytes, length), &rules, frame, used);
}

static void frames_are_taken_one_after_the_other(void **state)
{
    (void)state;
    struct buffer out = buffer_make(100);
    size_t first = frame_begin(&out, FRAME_LOG);
    put_u32(&out, 7);
    frame_end(&out, first);
    size_t second = frame_begin(&out, FRAME_RESULT);
    frame_end(&out, second);
    assert_int_equal(out.length, FRAME_HEADER_SIZE + 4 + FRAME_HEADER_SIZE);
    struct frame frame;
    size_t used = 0;
    assert_int_equal(next(out.data, out.length, &frame, &used), FRAME_COMPLETE);
    assert_int_equal(frame.type, FRAME_LOG);
    assert_int_equal(frame.body.length, 4);
    assert_int_equal(used, FRAME_HEADER_SIZE + 4);
    assert_int_equal(next(out.data + used, out.length - used, &frame, &used), FRAME_COMPLETE);
    assert_int_equal(frame.type, FRAME_RESULT);
    assert_int_equal(frame.body.length, 0);
    buffer_free(&out);
}

static void a_frame_cut_anywhere_is_incomplete(void **state)
{
    (void)state;
    struct frame frame;
    size_t used = 99;
    for (size_t cut = 0; cut < 9; cut++)
        assert_int_equal(next("\x04\0\0\0\x02xxxx", cut, &frame, &used), FRAME_INCOMPLETE);
    assert_int_equal(used, 99);
    assert_int_equal(next("\x04\0\0\0\x02xxxx", 9, &frame, &used), FRAME_COMPLETE);
}

static void frame_rejects_length_above_maximum_from_the_header_alone(void **state)
{
    (void)state;
    struct frame frame;
    size_t used = 99;
    assert_int_equal(next("\x05\0\0\0\x02", 5, &frame, &used), FRAME_BAD);
    assert_int_equal(next("\xff\xff\xff\xff\x03", 5, &frame, &used), FRAME_BAD);
    assert_int_equal(used, 99);
}

static void frame_rejects_unknown_and_refused_types(void **state)
{
    (void)state;
    struct frame frame;
    size_t used;
    for (unsigned type = 0; type < 256; type++) {
        const char header[5] = {0, 0, 0, 0, (char)type};
        bool known = type == FRAME_LOG || type == FRAME_RESULT;
        assert_int_equal(next(header, 5, &frame, &used), known ? FRAME_COMPLETE : FRAME_BAD);
    }
}

static void a_frame_that_does_not_fit_its_buffer_is_not_ended(void **state)
{
    (void)state;
    struct buffer out = buffer_make(7);
    size_t begin = frame_begin(&out, FRAME_LOG);
    put_u32(&out, 1);
    frame_end(&out, begin);
    assert_false(buffer_ok(&out));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_taken_one_after_the_other),
        cmocka_unit_test(a_frame_cut_anywhere_is_incomplete),
        cmocka_unit_test(frame_rejects_length_above_maximum_from_the_header_alone),
        cmocka_unit_test(frame_rejects_unknown_and_refused_types),
        cmocka_unit_test(a_frame_that_does_not_fit_its_buffer_is_not_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
