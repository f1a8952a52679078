// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void time_tells_now(void **state)
{
    (void)state;
    expect_output("return os.time() > 1700000000 and os.time() < 1e11 and math.type(os.time())",
                  "\"integer\"");
    expect_output("return os.clock() >= 0 and os.clock() < 60", "true");
    expect_output("return {os.difftime(10, 4), math.type(os.difftime(1, 1))}", "[6.0,\"float\"]");
}

static void time_stands_still_where_deterministic(void **state)
{
    (void)state;
    expect_end(&(struct plugin_case){.code = "local s = 0 for i = 1, 1000000 do s = s + i end\n"
                                             "return {os.time(), os.clock(), os.date('%F')}",
                                     .deterministic = true},
               OUTCOME_OK, "[946684800,0.0,\"2000-01-01\"]");
}

static void time_reads_a_table_as_utc(void **state)
{
    (void)state;
    expect_output("return os.time{year = 1970, month = 1, day = 1, hour = 0}", "0");
    expect_output("return os.time{year = 2000, month = 2, day = 29}", "951825600");
    expect_output("local t = {year = 2023, month = 14, day = -3, hour = 25, min = 61, sec = 61}\n"
                  "local s = os.time(t) return {s, os.date('%F %T', s), t.year, t.month, t.day, t.hour}",
                  "[1706493721,\"2024-01-29 02:02:01\",2024,1,29,2]");
}

static void time_checks_fields(void **state)
{
    (void)state;
    static const struct {
        const char *code, *message;
    } cases[] = {
        {"os.time{year = 2000}", "field 'month' missing in date table"},
        {"os.time{year = 'x', month = 1, day = 1}", "field 'year' is not an integer"},
        {"os.time{year = 2000, month = 1.5, day = 1}", "field 'month' is not an integer"},
        {"os.time{year = 2000, month = 1, day = 1 << 40}", "field 'day' is out-of-bound"},
        {"os.time{year = math.maxinteger, month = 1, day = 1}", "field 'year' is out-of-bound"},
        {"os.time{year = (1 << 31) + 1899, month = 12, day = 99}", "cannot be represented"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_message(&(struct plugin_case){.code = cases[i].code}, OUTCOME_PLUGIN_ERROR, cases[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_tells_now),
        cmocka_unit_test(time_stands_still_where_deterministic),
        cmocka_unit_test(time_reads_a_table_as_utc),
        cmocka_unit_test(time_checks_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
