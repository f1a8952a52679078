// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/codec.h"
#include "tests/support/cmocka_all.h"

static void integers_are_little_endian(void **state)
{
    (void)state;
    struct buffer out = buffer_make(100);
    put_u8(&out, 0x01);
    put_u16(&out, 0x0203);
    put_u32(&out, 0x04050607);
    put_u64(&out, 0x08090a0b0c0d0e0f);
    put_bytes(&out, bytes_of_text("ab"));
    assert_int_equal(out.length, 21);
    assert_memory_equal(out.data,
                        "\x01\x03\x02\x07\x06\x05\x04\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08\x02\0\0\0"
                        "ab",
                        21);
    struct reader in = reader_make(bytes_of(out.data, out.length));
    assert_int_equal(get_u8(&in), 0x01);
    assert_int_equal(get_u16(&in), 0x0203);
    assert_int_equal(get_u32(&in), 0x04050607);
    assert_true(get_u64(&in) == 0x08090a0b0c0d0e0f);
    assert_true(bytes_equal_text(get_bytes(&in, 2), "ab"));
    assert_true(reader_finished(&in));
    buffer_free(&out);
}

static void a_failure_sticks_and_gives_zeros(void **state)
{
    (void)state;
    struct reader in = reader_make(bytes_of("\x01\x02\x03", 3));
    assert_int_equal(get_u32(&in), 0);
    assert_true(in.failed);
    assert_int_equal(get_u8(&in), 0);
    assert_int_equal(get_bytes(&in, 10).length, 0);
    assert_false(reader_finished(&in));
}

static void left_over_bytes_are_not_finished(void **state)
{
    (void)state;
    struct reader in = reader_make(bytes_of("\x01\x02", 2));
    get_u8(&in);
    assert_false(reader_finished(&in));
    get_u8(&in);
    assert_true(reader_finished(&in));
}

static void a_string_is_bounded_by_its_maximum_and_by_what_is_there(void **state)
{
    (void)state;
    struct bytes body = bytes_of("\x03\0\0\0abc", 7);
    struct reader in = reader_make(body);
    assert_true(bytes_equal_text(get_bytes(&in, 3), "abc"));
    in = reader_make(body);
    assert_int_equal(get_bytes(&in, 2).length, 0);
    assert_true(in.failed);
    in = reader_make(bytes_of("\xff\xff\xff\xff"
                              "abc",
                              7));
    assert_int_equal(get_bytes(&in, SIZE_MAX).length, 0);
    assert_true(in.failed);
}

static void enumerations_and_booleans_refuse_other_values(void **state)
{
    (void)state;
    struct reader in = reader_make(bytes_of("\x02\x03", 2));
    assert_int_equal(get_enum(&in, 3), 2);
    assert_int_equal(get_enum(&in, 3), 0);
    assert_true(in.failed);
    in = reader_make(bytes_of("\0\x01\x02", 3));
    assert_false(get_bool(&in));
    assert_true(get_bool(&in));
    assert_false(in.failed);
    assert_false(get_bool(&in));
    assert_true(in.failed);
}

static void text_is_cut_and_cleaned_when_it_is_put_and_checked_when_it_is_got(void **state)
{
    (void)state;
    struct buffer out = buffer_make(100);
    put_text(&out,
             bytes_of_text("a\xff"
                           "b\xe2\x82\xac"
                           "c"),
             7);
    struct reader in = reader_make(bytes_of(out.data, out.length));
    assert_true(bytes_equal_text(get_text(&in, 7), "a\xef\xbf\xbd"
                                                   "b"));
    assert_true(reader_finished(&in));
    in = reader_make(bytes_of("\x01\0\0\0\xff", 5));
    get_text(&in, 7);
    assert_true(in.failed);
    buffer_free(&out);
}

static void a_buffer_that_is_full_fails_the_message(void **state)
{
    (void)state;
    struct buffer out = buffer_make(5);
    put_text(&out, bytes_of_text("abc"), 10);
    assert_false(buffer_ok(&out));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_little_endian),
        cmocka_unit_test(a_failure_sticks_and_gives_zeros),
        cmocka_unit_test(left_over_bytes_are_not_finished),
        cmocka_unit_test(a_string_is_bounded_by_its_maximum_and_by_what_is_there),
        cmocka_unit_test(enumerations_and_booleans_refuse_other_values),
        cmocka_unit_test(text_is_cut_and_cleaned_when_it_is_put_and_checked_when_it_is_got),
        cmocka_unit_test(a_buffer_that_is_full_fails_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
