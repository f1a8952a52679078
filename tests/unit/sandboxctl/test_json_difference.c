// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_difference.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>

static char *difference(const char *expected_text, const char *got_text)
{
    json_t *expected = json_loads(expected_text, JSON_DECODE_ANY, NULL);
    json_t *got = json_loads(got_text, JSON_DECODE_ANY, NULL);
    assert_non_null(expected);
    assert_non_null(got);
    struct buffer out = buffer_make(65536);
    json_difference_put(&out, "$", expected, got);
    json_decref(expected);
    json_decref(got);
    return buffer_take(&out, NULL);
}

static void equal_values_have_no_difference(void **state)
{
    (void)state;
    const char *const pairs[][2] = {
        {"1", "1.0"}, {"{\"a\":[1,2]}", "{\"a\":[1,2]}"}, {"null", "null"}, {"\"x\"", "\"x\""}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *text = difference(pairs[i][0], pairs[i][1]);
        assert_string_equal(text, "");
        free(text);
    }
}

static void numbers_beyond_the_doubles_are_told_apart(void **state)
{
    (void)state;
    const char *const pairs[][2] = {{"9007199254740993", "9007199254740992"},
                                    {"9007199254740993", "9007199254740992.0"},
                                    {"9223372036854775807", "9223372036854775808.0"},
                                    {"1", "1.5"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *text = difference(pairs[i][0], pairs[i][1]);
        assert_string_not_equal(text, "");
        free(text);
    }
}

static void a_difference_names_its_path(void **state)
{
    (void)state;
    char *text = difference("{\"a\":[1,{\"b\":2}]}", "{\"a\":[1,{\"b\":3}]}");
    assert_string_equal(text, "$.a[1].b: expected 2\n         got      3\n");
    free(text);
}

static void missing_and_extra_members_are_told_apart(void **state)
{
    (void)state;
    char *text = difference("{\"a\":1}", "{\"b\":2}");
    assert_string_equal(text, "$.a: missing, expected 1\n$.b: not expected, got 2\n");
    free(text);
    text = difference("[1,2]", "[1]");
    assert_string_equal(text, "$[1]: missing, expected 2\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_have_no_difference),
        cmocka_unit_test(numbers_beyond_the_doubles_are_told_apart),
        cmocka_unit_test(a_difference_names_its_path),
        cmocka_unit_test(missing_and_extra_members_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
