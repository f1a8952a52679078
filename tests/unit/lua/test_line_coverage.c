// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/coverage.h"
#include "tests/support/cmocka_all.h"
#include "tests/unit/lua/plugin_harness.h"

#include <stdio.h>
#include <string.h>

// "main:1=2 main:3=0 util:1=1": module, line and count.
static void expect_hits(struct plugin_case *plugin, enum outcome outcome, const char *expected)
{
    static const char *const modules[] = {"main", "util", "other"};
    plugin->coverage = true;
    struct plugin_end end;
    plugin_run(plugin, &end);
    assert_true(end.has_result);
    assert_int_equal(end.result.outcome, outcome);
    char text[512] = "";
    for (uint32_t i = 0; end.coverage.length > 0 && i < coverage_count(end.coverage); i++) {
        struct coverage_line line = coverage_line_at(end.coverage, i);
        snprintf(text + strlen(text), 64, "%s%s:%u=%u", i > 0 ? " " : "", modules[line.module], line.line,
                 line.hits);
    }
    assert_string_equal(text, expected);
    plugin_end_free(&end);
}

static void each_line_counts_how_often_it_began(void **state)
{
    (void)state;
    expect_hits(&(struct plugin_case){.code = "local n = 0\n"
                                              "for i = 1, 3 do\n"
                                              "  n = n + i\n"
                                              "end\n"
                                              "if n < 0 then\n"
                                              "  n = 0\n"
                                              "end\n"
                                              "return n\n"},
                OUTCOME_OK, "main:1=1 main:2=4 main:3=3 main:5=1 main:6=0 main:8=1");
}

static void coroutines_and_functions_within_functions_count(void **state)
{
    (void)state;
    expect_hits(&(struct plugin_case){.code = "local co = coroutine.wrap(function()\n"
                                              "  coroutine.yield(1)\n"
                                              "  return 2\n"
                                              "end)\n"
                                              "return co() + co()\n"},
                OUTCOME_OK,
                "main:1=2 main:2=1 main:3=1 main:4=1 main:5=1"); // the function ends on 4, the call is on 1
}

static void modules_are_told_apart_and_those_never_required_are_not_there(void **state)
{
    (void)state;
    expect_hits(&(struct plugin_case){.code = "local u = require 'util'\nreturn u.f() + require('util').f()",
                                      .modules = {{"util", "local function f()\n  return 1\nend\n"
                                                           "return {f = f}"},
                                                  {"other", "return 1"}}},
                OUTCOME_OK, "main:1=1 main:2=1 util:2=2 util:3=1 util:4=1");
}

static void text_given_to_load_does_not_count(void **state)
{
    (void)state;
    expect_hits(
        &(struct plugin_case){.code = "local f = load('local a = 1\\n return a', '=text')\nreturn f()\n"},
        OUTCOME_OK, "main:1=1 main:2=1");
}

static void a_run_that_fails_or_hits_a_limit_still_tells(void **state)
{
    (void)state;
    expect_hits(&(struct plugin_case){.code = "local x = 1\nerror('no')\nx = 2\n"}, OUTCOME_PLUGIN_ERROR,
                "main:1=1 main:2=1 main:3=0");
    expect_hits(
        &(struct plugin_case){.code = "local s = ('x'):rep(100)\nlocal t = s:rep(1 << 24)\nreturn 1\n",
                              .memory_bytes = 1 << 20},
        OUTCOME_MEMORY_LIMIT, "main:1=1 main:2=1 main:3=0");
    expect_hits(&(struct plugin_case){.code = "return (\n"}, OUTCOME_SYNTAX_ERROR, "");
    expect_hits(
        &(struct plugin_case){.code = "local s = ('a'):rep(100000)\nreturn s:find(('a?'):rep(50) .. 'b')",
                              .cpu_ms = 50},
        OUTCOME_CPU_LIMIT, "main:1=1 main:2=1");
}

static void counted_instructions_and_output_stay_the_same(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "local t = {}\n"
                                         "for i = 1, 1000 do\n"
                                         "  t[i] = coroutine.wrap(function() return i end)()\n"
                                         "end\n"
                                         "return #t\n",
                                 .count = true};
    struct plugin_end plain, covered;
    plugin_run(&plugin, &plain);
    plugin.coverage = true;
    plugin_run(&plugin, &covered);
    assert_int_equal(plain.result.instructions, covered.result.instructions);
    assert_true(bytes_equal(plain.result.output, covered.result.output));
    assert_int_equal(plain.result.memory_peak_bytes, covered.result.memory_peak_bytes);
    assert_int_equal(plain.coverage.length, 0);
    plugin_end_free(&plain);
    plugin_end_free(&covered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_counts_how_often_it_began),
        cmocka_unit_test(coroutines_and_functions_within_functions_count),
        cmocka_unit_test(modules_are_told_apart_and_those_never_required_are_not_there),
        cmocka_unit_test(text_given_to_load_does_not_count),
        cmocka_unit_test(a_run_that_fails_or_hits_a_limit_still_tells),
        cmocka_unit_test(counted_instructions_and_output_stay_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
