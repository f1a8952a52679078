// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void traceback_shows_the_plugins_own_view(void **state)
{
    (void)state;
    expect_output("local function f()\n  return (debug.traceback('msg'))\nend\nreturn (f())",
                  "\"msg\\nstack traceback:\\n\\tmain.lua:2: in local 'f'\\n\\tmain.lua:4: in main "
                  "chunk\\n\\t[C]: in ?\"");
}

static void traceback_takes_messages_levels_and_coroutines(void **state)
{
    (void)state;
    expect_output("local t = {} return debug.traceback(t) == t", "true");
    expect_output("return debug.traceback('m', 99)", "\"m\\nstack traceback:\"");
    expect_output("return debug.traceback('m', math.mininteger)", "\"m\\nstack traceback:\"");
    expect_output(
        "local co = coroutine.create(function()\n\n  coroutine.yield()\nend)\ncoroutine.resume(co)\n"
        "return debug.traceback(co)",
        "\"stack traceback:\\n\\t[C]: in field 'yield'\\n\\tmain.lua:3: in function "
        "<main.lua:1>\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traceback_shows_the_plugins_own_view),
        cmocka_unit_test(traceback_takes_messages_levels_and_coroutines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
