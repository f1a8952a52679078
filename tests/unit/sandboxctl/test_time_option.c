// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/time_option.h"
#include "tests/support/cmocka_all.h"

enum { NOW_S = 1700000000 }; // 2023-11-14T22:13:20Z

static void so_long_ago_is_a_moment(void **state)
{
    (void)state;
    static const struct {
        const char *text, *time;
    } rows[] = {{"20s", "2023-11-14T22:13:00.000Z"},
                {"15m", "2023-11-14T21:58:20.000Z"},
                {"2h", "2023-11-14T20:13:20.000Z"},
                {"14d", "2023-10-31T22:13:20.000Z"},
                {"0s", "2023-11-14T22:13:20.000Z"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char time[CLOCK_TEXT_SIZE];
        assert_true(time_option_ago(rows[i].text, INT64_C(1000) * NOW_S, time));
        assert_string_equal(time, rows[i].time);
    }
}

static void anything_else_is_left_to_the_server(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "m", "15", "15 m", "15min", "-1h", "2026-01-31T12:00:00Z", "9999999s", "99999d"};
    char time[CLOCK_TEXT_SIZE] = "untouched";
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(time_option_ago(texts[i], INT64_C(1000) * NOW_S, time));
    assert_string_equal(time, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_long_ago_is_a_moment),
        cmocka_unit_test(anything_else_is_left_to_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
