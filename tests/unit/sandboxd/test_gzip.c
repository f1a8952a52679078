// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/trace/gzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void gzip_is_read_back_the_same(void **state)
{
    (void)state;
    enum { LENGTH = 300000 };
    char *data = malloc(LENGTH), *back = malloc(LENGTH);
    for (int i = 0; i < LENGTH; i++)
        data[i] = (char)("span"[i % 4] + i / 50000);
    struct buffer out = buffer_make(SIZE_MAX);
    assert_true(gzip_put(&out, bytes_of(data, LENGTH)));
    assert_true(out.length < LENGTH / 10);
    z_stream stream = {.next_in = (Bytef *)out.data,
                       .avail_in = (uInt)out.length,
                       .next_out = (Bytef *)back,
                       .avail_out = LENGTH};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, LENGTH);
    assert_memory_equal(back, data, LENGTH);
    inflateEnd(&stream);
    buffer_free(&out);
    free(data);
    free(back);
}

static void gzip_says_when_there_is_no_room(void **state)
{
    (void)state;
    struct buffer out = buffer_make(4);
    assert_false(gzip_put(&out, bytes_of_text("some text that needs more than four bytes")));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_is_read_back_the_same),
        cmocka_unit_test(gzip_says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
