// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/policies/entity_tag.h"

static void a_tag_matches_itself_in_quotes(void **state)
{
    (void)state;
    assert_true(entity_tag_matches("\"abc\"", "abc"));
    assert_true(entity_tag_matches("  \"x\" , \"abc\"", "abc"));
    assert_true(entity_tag_matches("W/\"abc\", \"abc\"", "abc"));
    assert_true(entity_tag_matches("\"a,b\"", "a,b"));
}

static void anything_else_does_not(void **state)
{
    (void)state;
    static const char *const headers[] = {"",       "abc",     "\"abc",     "W/\"abc\"", "\"abcd\"",
                                          "\"ab\"", "\"ABC\"", "\"x\" abc", "*x",        ",",
                                          "\"\"",   "W/",      "'abc'"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        assert_false(entity_tag_matches(headers[i], "abc"));
}

static void a_star_matches_whatever_is_there(void **state)
{
    (void)state;
    assert_true(entity_tag_matches("*", "abc"));
    assert_true(entity_tag_matches(" * ", "abc"));
    assert_false(entity_tag_matches("*", NULL));
    assert_false(entity_tag_matches("\"abc\"", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_matches_itself_in_quotes),
        cmocka_unit_test(anything_else_does_not),
        cmocka_unit_test(a_star_matches_whatever_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
