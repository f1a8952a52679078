// SPDX-License-Identifier: Apache-2.0
#include "base/json_raw.h"
#include "tests/support/cmocka_all.h"

static void assert_member(const char *text, const char *name, const char *expected)
{
    struct bytes found = json_raw_member(bytes_of_text(text), name);
    assert_int_equal(found.length, strlen(expected));
    assert_memory_equal(found.data, expected, found.length);
}

static void member_comes_as_its_text_stands(void **state)
{
    (void)state;
    static const char text[] =
        "{\"id\": \"x\", \"output\" : {\"a\": [0.1, 1e2, {\"output\": 3}]} , \"last\":12345678901234567890}";
    assert_member(text, "id", "\"x\"");
    assert_member(text, "output", "{\"a\": [0.1, 1e2, {\"output\": 3}]}");
    assert_member(text, "last", "12345678901234567890");
}

static void what_is_not_there_is_empty(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "null",
                                        "[]",
                                        "{}",
                                        "{\"a\": {\"x\": 1}}",
                                        "{\"a\" 1, \"x\": 2}",
                                        "{\"x\": [1}",
                                        "{\"x\": \"unfinished"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_member(texts[i], "x", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(member_comes_as_its_text_stands),
        cmocka_unit_test(what_is_not_there_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
