// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void run_gives_what_the_chunk_returns(void **state)
{
    (void)state;
    expect_output("return 1 + 1", "2");
    expect_output("return {a = {1, 2.5, 'x', true}}", "{\"a\":[1,2.5,\"x\",true]}");
    expect_output("local t = {} return t", "{}");
}

static void run_calls_a_returned_function_with_the_context(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "return function(c) return c.a + context.b end",
                                 .context = "{\"a\":2,\"b\":3}"};
    expect_end(&plugin, OUTCOME_OK, "5");
    expect_output("result = 1 return function(c) return c end", "null");
}

static void run_falls_back_to_the_global_result(void **state)
{
    (void)state;
    expect_output("result = {7}", "[7]");
    expect_output("local x = 1", "null");
    expect_output("setmetatable(_G, {__index = function() return 'forged' end})", "null");
}

static void run_gives_back_the_context_as_it_was(void **state)
{
    (void)state;
    struct plugin_case plugin = {
        .code = "return context",
        .context = "{\"a\":[],\"b\":{},\"c\":[null,1,1.5],\"d\":9007199254740993,\"e\":\"\\u00e9\"}"};
    expect_end(&plugin, OUTCOME_OK,
               "{\"a\":[],\"b\":{},\"c\":[null,1,1.5],\"d\":9007199254740993,\"e\":\"\xc3\xa9\"}");
}

static void run_tells_why_a_value_has_no_json_form(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "return {items = {1, 2, {name = print}}}"};
    expect_message(&plugin, OUTCOME_INVALID_RESULT, "$.items[3].name");
    plugin = (struct plugin_case){.code = "local t = {} t.t = t return t"};
    expect_end(&plugin, OUTCOME_INVALID_RESULT, "");
}

static void run_ends_at_the_output_limit(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "return ('x'):rep(200)", .output_bytes = 100};
    expect_message(&plugin, OUTCOME_OUTPUT_LIMIT, "output limit of 100 bytes reached");
    plugin.code = "local t = {'leaf'} for i = 1, 40 do t = {t, t} end return t";
    expect_end(&plugin, OUTCOME_OUTPUT_LIMIT, "");
}

static void run_refuses_a_context_that_is_no_json(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "return 1", .context = "{"}, &end);
    assert_int_equal(end.wait_status, 71 << 8);
    assert_false(end.has_result);
    plugin_end_free(&end);
}

static void run_accounts_for_memory_above_the_environment(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "local s = ('x'):rep(1000000) return #s"}, &end);
    assert_in_range(end.result.memory_peak_bytes, 1000000, 4000000);
    assert_false(end.result.instructions_counted);
    plugin_end_free(&end);
    plugin_run(&(struct plugin_case){.code = "return 1"}, &end);
    assert_in_range(end.result.memory_peak_bytes, 100, 20000);
    plugin_end_free(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_gives_what_the_chunk_returns),
        cmocka_unit_test(run_calls_a_returned_function_with_the_context),
        cmocka_unit_test(run_falls_back_to_the_global_result),
        cmocka_unit_test(run_gives_back_the_context_as_it_was),
        cmocka_unit_test(run_tells_why_a_value_has_no_json_form),
        cmocka_unit_test(run_ends_at_the_output_limit),
        cmocka_unit_test(run_refuses_a_context_that_is_no_json),
        cmocka_unit_test(run_accounts_for_memory_above_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
