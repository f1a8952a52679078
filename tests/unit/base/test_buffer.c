// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"
#include "base/cleanup.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void buffer_grows_and_stays_terminated(void **state)
{
    (void)state;
    struct buffer buffer = buffer_make(100000);
    for (int i = 0; i < 5000; i++)
        buffer_printf(&buffer, "%d,", i);
    assert_true(buffer_ok(&buffer));
    assert_int_equal(strlen(buffer.data), buffer.length);
    assert_memory_equal(buffer.data, "0,1,2,", 6);
    buffer_free(&buffer);
}

static void buffer_fails_above_its_maximum_and_stays_failed(void **state)
{
    (void)state;
    struct buffer buffer = buffer_make(4);
    buffer_append_text(&buffer, "1234");
    assert_true(buffer_ok(&buffer));
    buffer_append_byte(&buffer, '5');
    assert_false(buffer_ok(&buffer));
    assert_string_equal(buffer.data, "1234");
    buffer_append(&buffer, "", 0);
    assert_false(buffer_ok(&buffer));
    assert_null(buffer_take(&buffer, NULL));
    buffer_free(&buffer);
}

static void buffer_take_moves_the_bytes_out(void **state)
{
    (void)state;
    struct buffer buffer = buffer_make(16);
    size_t length = 99;
    autofree char *empty = buffer_take(&buffer, &length);
    assert_string_equal(empty, "");
    assert_int_equal(length, 0);
    buffer_append_text(&buffer, "abc");
    autofree char *text = buffer_take(&buffer, &length);
    assert_string_equal(text, "abc");
    assert_int_equal(length, 3);
    assert_null(buffer.data);
}

static void a_buffer_over_memory_never_grows_beyond_it(void **state)
{
    (void)state;
    char memory[8];
    struct buffer buffer = buffer_over(memory, sizeof memory);
    buffer_append_text(&buffer, "1234567");
    assert_true(buffer_ok(&buffer));
    assert_ptr_equal(buffer.data, memory);
    assert_string_equal(memory, "1234567");
    buffer_append_byte(&buffer, '8');
    assert_false(buffer_ok(&buffer));
    assert_false(buffer.exhausted);
    assert_string_equal(memory, "1234567");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_grows_and_stays_terminated),
        cmocka_unit_test(buffer_fails_above_its_maximum_and_stays_failed),
        cmocka_unit_test(buffer_take_moves_the_bytes_out),
        cmocka_unit_test(a_buffer_over_memory_never_grows_beyond_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
