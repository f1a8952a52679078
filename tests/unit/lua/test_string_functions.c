// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void rep_of_nothing_returns_at_once(void **state)
{
    (void)state;
    expect_output("return #string.rep('', math.maxinteger)", "0");
    expect_output("return #string.rep('', math.maxinteger, '')", "0");
    expect_output("return ('ab'):rep(3, ',') .. ('x'):rep(0) .. ('x'):rep(-1)", "\"ab,ab,ab\"");
    expect_message(&(struct plugin_case){.code = "return ('x'):rep({})"}, OUTCOME_PLUGIN_ERROR,
                   "number expected, got table");
    expect_message(&(struct plugin_case){.code = "return ('x'):rep(1 << 60)"}, OUTCOME_PLUGIN_ERROR,
                   "resulting string too large");
}

static void format_works_as_in_lua(void **state)
{
    (void)state;
    expect_output(
        "return ('%5.2f|%d|%s|%q|%x|%%|%c|%-5s|%i'):format(3.14159, 42, 'x', 'q\\n', 255, 65, 'ab', 7)",
        "\" 3.14|42|x|\\\"q\\\\\\n\\\"|ff|%|A|ab   |7\"");
    expect_output(
        "return ('%s %s %s'):format(nil, true, setmetatable({}, {__tostring = function() return 'T' end}))",
        "\"nil true T\"");
    expect_message(&(struct plugin_case){.code = "return ('%s'):format()"}, OUTCOME_PLUGIN_ERROR,
                   "bad argument #1 to 'format'");
    expect_message(&(struct plugin_case){.code = "return ('%y'):format(1)"}, OUTCOME_PLUGIN_ERROR,
                   "invalid conversion '%y' to 'format'");
    expect_message(&(struct plugin_case){.code = "return ('%'):format(1)"}, OUTCOME_PLUGIN_ERROR,
                   "invalid conversion '%' to 'format'");
}

static void format_shows_no_addresses(void **state)
{
    (void)state;
    expect_output("return ('%s,%10.3s,%s'):format({}, {}, print)",
                  "\"table: 0x00000001,       tab,function: 0x00000003\"");
    static const char *const attempts[] = {
        "return ('%p'):format({})",
        "return ('%-20p'):format({})",
        "return ('%s%%%5p'):format(1, {})",
    };
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
        expect_message(&(struct plugin_case){.code = attempts[i]}, OUTCOME_PLUGIN_ERROR, "'%p'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep_of_nothing_returns_at_once),
        cmocka_unit_test(format_works_as_in_lua),
        cmocka_unit_test(format_shows_no_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
