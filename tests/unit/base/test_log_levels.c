// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/log_levels.h"

#include <string.h>

static void levels_are_of_modules_or_of_all(void **state)
{
    (void)state;
    struct log_levels levels = {0};
    assert_true(log_levels_set(&levels, LOG_INFO, "store=debug,http=ERROR", NULL));
    assert_true(log_levels_pass(&levels, "store", LOG_DEBUG));
    assert_false(log_levels_pass(&levels, "store", LOG_TRACE));
    assert_false(log_levels_pass(&levels, "http", LOG_WARN));
    assert_true(log_levels_pass(&levels, "http", LOG_FATAL));
    assert_true(log_levels_pass(&levels, "other", LOG_INFO));
    assert_false(log_levels_pass(&levels, "other", LOG_DEBUG));
}

static void levels_can_be_set_again(void **state)
{
    (void)state;
    struct log_levels levels = {0};
    log_levels_set(&levels, LOG_INFO, "store=debug,http=error", NULL);
    log_levels_set(&levels, LOG_WARN, "http=info", NULL);
    assert_false(log_levels_pass(&levels, "store", LOG_INFO));
    assert_true(log_levels_pass(&levels, "http", LOG_INFO));
    log_levels_set(&levels, LOG_WARN, "", NULL);
    assert_false(log_levels_pass(&levels, "http", LOG_INFO));
}

static void levels_say_what_is_wrong(void **state)
{
    (void)state;
    struct log_levels levels = {0};
    const char *const bad[] = {"store",
                               "=debug",
                               "store=loud",
                               "store=debug,,http=info",
                               "store=",
                               ",",
                               "a-name-that-is-much-too-long-for-a-module=debug"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = {0};
        assert_false(log_levels_set(&levels, LOG_INFO, bad[i], &err));
        assert_true(strlen(err.text) > 0);
    }
}

static void severities_have_names_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        enum severity found;
        assert_true(severity_by_name(severity_name((enum severity)i), &found));
        assert_int_equal(found, i);
    }
    enum severity found = LOG_FATAL;
    assert_true(severity_by_name("WARN", &found));
    assert_int_equal(found, LOG_WARN);
    assert_false(severity_by_name("loud", &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_of_modules_or_of_all),
        cmocka_unit_test(levels_can_be_set_again),
        cmocka_unit_test(levels_say_what_is_wrong),
        cmocka_unit_test(severities_have_names_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
