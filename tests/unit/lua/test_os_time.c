// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/os_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static void calendar_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t unix_s = -62135596800 * 2; unix_s < 253402300800; unix_s += 12345678) {
        struct tm expected;
        time_t value = (time_t)unix_s;
        assert_non_null(gmtime_r(&value, &expected));
        struct calendar_time time;
        assert_true(calendar_from_unix(unix_s, &time));
        assert_int_equal(time.year, expected.tm_year + 1900);
        assert_int_equal(time.month, expected.tm_mon + 1);
        assert_int_equal(time.day, expected.tm_mday);
        assert_int_equal(time.hour, expected.tm_hour);
        assert_int_equal(time.minute, expected.tm_min);
        assert_int_equal(time.second, expected.tm_sec);
        assert_int_equal(time.week_day, expected.tm_wday);
        assert_int_equal(time.year_day, expected.tm_yday);
        char week[16];
        strftime(week, sizeof(week), "%V %G", &expected);
        int64_t iso_year;
        char ours[32];
        int iso_week = calendar_iso_week(&time, &iso_year);
        snprintf(ours, sizeof(ours), "%02d %lld", iso_week, (long long)iso_year);
        assert_string_equal(ours, week);
        assert_int_equal(calendar_days(time.year, time.month, time.day) * 86400 + time.hour * 3600 +
                             time.minute * 60 + time.second,
                         unix_s);
    }
}

static void calendar_refuses_years_beyond_an_int(void **state)
{
    (void)state;
    struct calendar_time time;
    assert_false(calendar_from_unix(INT64_MAX, &time));
    assert_false(calendar_from_unix(INT64_MIN, &time));
    assert_true(calendar_from_unix(60000000000000000, &time));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_agrees_with_the_c_library),
        cmocka_unit_test(calendar_refuses_years_beyond_an_int),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
