// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/coverage.h"

#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "tests/support/decoders.h"

static struct bytes encode(struct buffer *out, const struct coverage_line *lines, uint32_t count)
{
    buffer_clear(out);
    size_t begun = coverage_encode_begin(out, count);
    for (uint32_t i = 0; i < count; i++)
        coverage_encode_line(out, &lines[i]);
    coverage_encode_end(out, begun);
    assert_true(buffer_ok(out));
    assert_int_equal(out->data[4], FRAME_COVERAGE);
    return bytes_of(out->data + FRAME_HEADER_SIZE, out->length - FRAME_HEADER_SIZE);
}

static void lines_come_through(void **state)
{
    (void)state;
    const struct coverage_line lines[] = {{0, 1, 5}, {0, 3, 0}, {2, 1, UINT32_MAX}};
    struct buffer out = buffer_make(1000);
    struct bytes body = encode(&out, lines, 3);
    assert_decoder_is_strict(coverage_check, body);
    assert_int_equal(coverage_count(body), 3);
    assert_int_equal(body.length, 4 + 3 * COVERAGE_LINE_BYTES);
    for (uint32_t i = 0; i < 3; i++) {
        struct coverage_line line = coverage_line_at(body, i);
        assert_memory_equal(&line, &lines[i], sizeof line);
    }
    body = encode(&out, lines, 0);
    assert_true(coverage_check(body));
    assert_int_equal(coverage_count(body), 0);
    buffer_free(&out);
}

static void lines_out_of_order_or_range_are_refused(void **state)
{
    (void)state;
    static const struct coverage_line rows[][2] = {
        {{0, 1, 0}, {0, 1, 0}}, {{0, 2, 0}, {0, 1, 0}},           {{1, 1, 0}, {0, 2, 0}},
        {{0, 0, 0}, {0, 1, 0}}, {{0, 1, 0}, {MODULES_MAX, 1, 0}},
    };
    struct buffer out = buffer_make(1000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(coverage_check(encode(&out, rows[i], 2)));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_through),
        cmocka_unit_test(lines_out_of_order_or_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
