// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void bytes_are_as_many_as_asked_for_and_never_the_same(void **state)
{
    (void)state;
    expect_output("return {#random.bytes(1), #random.bytes(256), random.bytes(16) ~= random.bytes(16)}",
                  "[1,256,true]");
    // Not even with the seed that another run had.
    struct plugin_case plugin = {.code = "return (random.bytes(32):gsub('.', function(c)\n"
                                         "  return ('%02x'):format(c:byte())\n"
                                         "end))",
                                 .seed = 5};
    struct plugin_end first, second;
    plugin_run(&plugin, &first);
    plugin_run(&plugin, &second);
    assert_int_equal(first.result.outcome, OUTCOME_OK);
    assert_int_equal(first.result.output.length, 66);
    assert_false(bytes_equal(first.result.output, second.result.output));
    plugin_end_free(&first);
    plugin_end_free(&second);
}

static void a_count_out_of_range_is_an_error_of_the_plugin(void **state)
{
    (void)state;
    static const char *const codes[] = {"random.bytes()",
                                        "random.bytes(0)",
                                        "random.bytes(-1)",
                                        "random.bytes(257)",
                                        "random.bytes(math.maxinteger)",
                                        "random.bytes('x')",
                                        "random.bytes(1.5)"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        expect_message(&(struct plugin_case){.code = codes[i]}, OUTCOME_PLUGIN_ERROR, "bad argument #1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_as_many_as_asked_for_and_never_the_same),
        cmocka_unit_test(a_count_out_of_range_is_an_error_of_the_plugin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
