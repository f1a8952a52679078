// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void date_agrees_with_strftime_in_the_c_locale(void **state)
{
    (void)state;
    static const char format[] =
        "%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %m %M %n %p %r %R %S %t %T %u %U %V "
        "%w %W %x %X %y %Y %z %% %Ec %EY %Od %Oy";
    static const int64_t times[] = {0,          1,          -1,          951782400, 1704067199,
                                    1735689600, 1230768000, -2208988800, 86399};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct tm tm;
        time_t value = (time_t)times[i];
        gmtime_r(&value, &tm);
        char expected[512], code[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-y2k"
        strftime(expected, sizeof(expected), format, &tm);
#pragma GCC diagnostic pop
        snprintf(code, sizeof(code), "return (os.date('%s', %lld))", format, (long long)times[i]);
        struct plugin_end end;
        plugin_run(&(struct plugin_case){.code = code}, &end);
        assert_int_equal(end.result.outcome, OUTCOME_OK);
        char got[600] = "";
        for (size_t at = 1, to = 0; at + 1 < end.result.output.length; at++) { // JSON escapes \n and \t
            bool escape = end.result.output.data[at] == '\\';
            at += escape;
            char byte = end.result.output.data[at];
            got[to++] = !escape ? byte : byte == 'n' ? '\n' : '\t';
        }
        assert_string_equal(got, expected);
        plugin_end_free(&end);
    }
}

static void date_gives_a_table(void **state)
{
    (void)state;
    expect_output(
        "return os.date('*t', 951827696)",
        "{\"day\":29,\"hour\":12,\"isdst\":false,\"min\":34,\"month\":2,\"sec\":56,\"wday\":3,\"yday\":60,"
        "\"year\":2000}");
    expect_output("return os.date('!*t', 0).year", "1970");
}

static void date_checks_its_format(void **state)
{
    (void)state;
    static const char *const bad[] = {"%", "%Q", "%E", "%Ez", "%O", "%Ow1%f", "%5d", "%-d"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char code[100];
        snprintf(code, sizeof(code), "return os.date('%s')", bad[i]);
        expect_message(&(struct plugin_case){.code = code}, OUTCOME_PLUGIN_ERROR,
                       "invalid conversion specifier");
    }
    expect_output("return os.date('a\\0b', 0)", "\"a\\u0000b\"");
    expect_message(&(struct plugin_case){.code = "return os.date('%Y', math.maxinteger)"},
                   OUTCOME_PLUGIN_ERROR, "cannot be represented");
    // The first and the last second whose year fits the C library's int.
    expect_output("return os.date('%F %T', 67768036191676799)", "\"2147485547-12-31 23:59:59\"");
    expect_output("return os.date('%Y', -67768040609740800)", "\"-2147481748\"");
    expect_message(&(struct plugin_case){.code = "return os.date('%Y', 67768036191676800)"},
                   OUTCOME_PLUGIN_ERROR, "cannot be represented");
    expect_message(&(struct plugin_case){.code = "return os.date('%Y', -67768040609740801)"},
                   OUTCOME_PLUGIN_ERROR, "cannot be represented");
}

static void date_is_utc_without_locale(void **state)
{
    (void)state;
    expect_output("return os.date('%H:%M %Z', 0)", "\"00:00 UTC\"");
    expect_output("return os.date('!%c', 0)", "\"Thu Jan  1 00:00:00 1970\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_agrees_with_strftime_in_the_c_locale),
        cmocka_unit_test(date_gives_a_table),
        cmocka_unit_test(date_checks_its_format),
        cmocka_unit_test(date_is_utc_without_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
