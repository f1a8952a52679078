// SPDX-License-Identifier: Apache-2.0
#include "base/closest.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static const char *closest_of(const char *typed, const char *const *names)
{
    struct closest closest = closest_make(typed, strlen(typed));
    for (; *names != NULL; names++)
        closest_offer(&closest, *names);
    return closest_text(&closest);
}

static const char *const verbs[] = {"run", "test", "validate", "policy check", NULL};

static void a_slip_finds_the_name_meant(void **state)
{
    (void)state;
    assert_string_equal(closest_of("vaildate", verbs), "validate");
    assert_string_equal(closest_of("tset", verbs), "test");
    assert_string_equal(closest_of("rn", verbs), "run");
    assert_string_equal(closest_of("policy chek", verbs), "policy check");
}

static void case_is_no_difference(void **state)
{
    (void)state;
    assert_string_equal(closest_of("VALIDATE", verbs), "validate");
}

static void the_beginning_of_a_name_finds_it(void **state)
{
    (void)state;
    assert_string_equal(closest_of("valid", verbs), "validate");
    assert_string_equal(closest_of("pol", verbs), "policy check");
    assert_null(closest_of("po", verbs));
}

static void an_unrelated_word_finds_nothing(void **state)
{
    (void)state;
    assert_null(closest_of("deploy", verbs));
    assert_null(closest_of("", verbs));
}

static void overlong_words_are_never_close(void **state)
{
    (void)state;
    char typed[80];
    memset(typed, 'r', sizeof typed - 1);
    typed[sizeof typed - 1] = '\0';
    assert_null(closest_of(typed, verbs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_finds_the_name_meant),      cmocka_unit_test(case_is_no_difference),
        cmocka_unit_test(the_beginning_of_a_name_finds_it), cmocka_unit_test(an_unrelated_word_finds_nothing),
        cmocka_unit_test(overlong_words_are_never_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
