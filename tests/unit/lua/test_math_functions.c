// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool same_output(const struct plugin_case *a, const struct plugin_case *b)
{
    struct plugin_end first, second;
    plugin_run(a, &first);
    plugin_run(b, &second);
    assert_int_equal(first.result.outcome, OUTCOME_OK);
    bool same = bytes_equal(first.result.output, second.result.output);
    plugin_end_free(&first);
    plugin_end_free(&second);
    return same;
}

static void random_follows_the_runs_seed(void **state)
{
    (void)state;
    struct plugin_case one = {.code = "return {math.random(1 << 60), math.random()}", .seed = 1};
    struct plugin_case two = {.code = one.code, .seed = 2};
    assert_true(same_output(&one, &one));
    assert_false(same_output(&one, &two));
}

static void randomseed_returns_nothing_and_follows_the_seed_too(void **state)
{
    (void)state;
    expect_output("return {select('#', math.randomseed()), select('#', math.randomseed(5, 6))}", "[0,0]");
    expect_output("math.randomseed(42) local a = math.random(1 << 60) math.randomseed(42)\n"
                  "return a == math.random(1 << 60)",
                  "true");
    expect_output("math.randomseed() local a = math.random(1 << 60) math.randomseed()\n"
                  "return a == math.random(1 << 60)",
                  "false");
    struct plugin_case one = {.code = "math.randomseed() return math.random(1 << 60)", .seed = 1};
    struct plugin_case two = {.code = one.code, .seed = 2};
    assert_true(same_output(&one, &one));
    assert_false(same_output(&one, &two));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_follows_the_runs_seed),
        cmocka_unit_test(randomseed_returns_nothing_and_follows_the_seed_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
