// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/json_cursor.h"
#include "policies/quote.h"

static const char *quoted(const char *text)
{
    static char out[QUOTE_SIZE];
    return quote(bytes_of_text(text), out);
}

static void plain_text_is_put_in_quotes(void **state)
{
    (void)state;
    assert_string_equal(quoted("cpu_ms"), "\"cpu_ms\"");
    assert_string_equal(quoted(""), "\"\"");
    assert_string_equal(quoted("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
}

static void nothing_a_terminal_would_obey_is_left(void **state)
{
    (void)state;
    assert_string_equal(quoted("a\x1b[31mb\n"), "\"a?[31mb?\"");
    assert_string_equal(quoted("a\"b\\c"), "\"a?b?c\"");
    assert_string_equal(quoted("\xc2\x9b"
                               "31m"),
                        "\"?31m\""); // CSI in one character
    assert_string_equal(quoted("a\xe2\x80\xae"
                               "b"),
                        "\"a?b\""); // right-to-left override
    assert_string_equal(quoted("a\xe2\x81\xa6"
                               "b"),
                        "\"a?b\""); // isolate
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    char text[200], out[QUOTE_SIZE];
    for (size_t start = 0; start < 4; start++) {
        size_t length = 0;
        for (; length < start; length++)
            text[length] = 'x';
        for (; length + 4 < sizeof text; length += 4)
            memcpy(text + length, "\xf0\x9f\x98\x80", 4);
        quote(bytes_of(text, length), out);
        assert_true(strlen(out) < QUOTE_SIZE);
        assert_true(utf8_valid(bytes_of_text(out)));
        assert_string_equal(out + strlen(out) - 4, "...\"");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_put_in_quotes),
        cmocka_unit_test(nothing_a_terminal_would_obey_is_left),
        cmocka_unit_test(long_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
