// SPDX-License-Identifier: Apache-2.0
#include "base/hidden_text.h"
#include "tests/support/cmocka_all.h"

static uint32_t found(const char *text)
{
    uint32_t code_point = 0xffffffff;
    return hidden_find(bytes_of_text(text), false, &code_point) ? code_point : 0;
}

static void what_a_reader_sees_is_not_hidden(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "Acme Inc. ~",
        "caf\xc3\xa9\xc2\xa0",                          // a no-break space is a space
        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",             // Hebrew needs no marks
        "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae",         // Persian, with a joiner that it is written with
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", // a woman at a computer: two characters, joined
        "\xe2\x9d\xa4\xef\xb8\x8f",                     // the red heart: a variant
        "\xff\xfe\xe2\x80",                             // no UTF-8 is for others to tell
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(found(texts[i]), 0);
}

static void controls_directions_and_what_has_no_width_are_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t code_point;
    } rows[] = {
        {"a\tb", 0x9},
        {"a\033[2J", 0x1b},
        {"\x7f", 0x7f},
        {"\xc2\x9b", 0x9b},
        {"ab\xc2\xad", 0xad},
        {"\xe2\x80\xae", 0x202e},
        {"a\xe2\x81\xa6", 0x2066},
        {"a\xe2\x80\x8b", 0x200b},
        {"\xef\xbb\xbf\x61", 0xfeff},
        {"a\xf3\xa0\x81\x81", 0xe0041},
        {"\xe3\x85\xa4", 0x3164},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(found(rows[i].text), rows[i].code_point);
}

static void a_joiner_that_joins_nothing_is_hidden(void **state)
{
    (void)state;
    assert_int_equal(found("ac\xe2\x80\x8dme"), 0x200d);
    assert_int_equal(found("\xe2\x80\x8c\xc3\xa9"), 0x200c);
    assert_int_equal(found("\xc3\xa9\xe2\x80\x8c"), 0x200c);
    assert_int_equal(found("\xc3\xa9\xe2\x80\x8d\xe2\x80\x8d\xc3\xa9"), 0x200d);
}

static void a_zero_byte_is_found_and_lengths_are_of_bytes(void **state)
{
    (void)state;
    uint32_t code_point = 1;
    assert_true(hidden_find(bytes_of("a\0", 2), true, &code_point));
    assert_int_equal(code_point, 0);
    assert_int_equal(hidden_length(bytes_of_text("a\xe2\x80\xae"), 1, &code_point), 3);
    assert_int_equal(hidden_length(bytes_of_text("\xf3\xa0\x81\x81"), 0, &code_point), 4);
    assert_int_equal(hidden_length(bytes_of("\xe2\x80\xae", 2), 0, &code_point), 0);
}

static void lines_are_fine_where_there_may_be_some(void **state)
{
    (void)state;
    uint32_t code_point;
    assert_false(hidden_find(bytes_of_text("a\r\n\tb"), true, &code_point));
    assert_true(hidden_find(bytes_of_text("a\n\033"), true, &code_point));
    assert_int_equal(code_point, 0x1b);
}

static void escapes_are_those_of_json(void **state)
{
    (void)state;
    char escape[HIDDEN_ESCAPE_SIZE];
    assert_int_equal(hidden_escape(0x202e, escape), 6);
    assert_string_equal(escape, "\\u202e");
    assert_int_equal(hidden_escape(0x1d173, escape), 12);
    assert_string_equal(escape, "\\ud834\\udd73");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_reader_sees_is_not_hidden),
        cmocka_unit_test(controls_directions_and_what_has_no_width_are_hidden),
        cmocka_unit_test(a_joiner_that_joins_nothing_is_hidden),
        cmocka_unit_test(a_zero_byte_is_found_and_lengths_are_of_bytes),
        cmocka_unit_test(lines_are_fine_where_there_may_be_some),
        cmocka_unit_test(escapes_are_those_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
