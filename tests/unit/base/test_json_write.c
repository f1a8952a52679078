// SPDX-License-Identifier: Apache-2.0
#include "base/json_cursor.h"
#include "base/json_write.h"
#include "tests/support/cmocka_all.h"

#include <stdint.h>

static void json_put_string_escapes_what_must_be(void **state)
{
    (void)state;
    struct buffer out = buffer_make(1000);
    json_put_string(&out, bytes_of("a\"b\\c/\b\f\n\r\t\0\x1f\x7f\xc3\xa9", 16));
    assert_string_equal(out.data, "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\xc3\xa9\"");
    buffer_free(&out);
}

static void json_put_string_is_valid_json_whatever_the_bytes(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            char text[3] = {(char)first, (char)second, 'z'};
            struct buffer out = buffer_make(100);
            json_put_string(&out, bytes_of(text, 3));
            assert_true(json_check(bytes_of(out.data, out.length), 1, NULL));
            buffer_free(&out);
        }
    }
}

static void json_put_string_replaces_what_is_not_utf8(void **state)
{
    (void)state;
    struct buffer out = buffer_make(100);
    json_put_text(&out, "a\xff\xc3z\xed\xa0\x80");
    assert_string_equal(out.data, "\"a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    buffer_free(&out);
}

static void json_put_numbers_have_all_their_digits(void **state)
{
    (void)state;
    struct buffer out = buffer_make(1000);
    json_put_integer(&out, INT64_MIN);
    buffer_append_byte(&out, ' ');
    json_put_integer(&out, INT64_MAX);
    buffer_append_byte(&out, ' ');
    json_put_integer(&out, 0);
    buffer_append_byte(&out, ' ');
    json_put_unsigned(&out, UINT64_MAX);
    buffer_append_byte(&out, ' ');
    json_put_double(&out, 0.1);
    assert_string_equal(out.data, "-9223372036854775808 9223372036854775807 0 18446744073709551615 0.1");
    buffer_free(&out);
}

static void json_put_ms_shows_microseconds_as_decimals(void **state)
{
    (void)state;
    static const struct {
        uint64_t us;
        const char *text;
    } rows[] = {{0, "0"},    {1, "0.001"},  {10, "0.01"},       {1234, "1.234"},
                {1000, "1"}, {1500, "1.5"}, {30000000, "30000"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = buffer_make(100);
        json_put_ms_from_us(&out, rows[i].us);
        assert_string_equal(out.data, rows[i].text);
        buffer_free(&out);
    }
}

static void json_put_name_puts_a_comma_between_members(void **state)
{
    (void)state;
    struct buffer out = buffer_make(100);
    buffer_append_byte(&out, '{');
    json_put_name(&out, "a");
    json_put_integer(&out, 1);
    json_put_name(&out, "b\"");
    json_put_text(&out, "{");
    json_put_name(&out, "c");
    buffer_append_text(&out, "{}}");
    assert_string_equal(out.data, "{\"a\":1,\"b\\\"\":\"{\",\"c\":{}}");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_put_string_escapes_what_must_be),
        cmocka_unit_test(json_put_string_is_valid_json_whatever_the_bytes),
        cmocka_unit_test(json_put_string_replaces_what_is_not_utf8),
        cmocka_unit_test(json_put_numbers_have_all_their_digits),
        cmocka_unit_test(json_put_ms_shows_microseconds_as_decimals),
        cmocka_unit_test(json_put_name_puts_a_comma_between_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
