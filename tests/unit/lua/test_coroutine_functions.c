// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void coroutines_work_as_in_lua(void **state)
{
    (void)state;
    expect_output(
        "local co = coroutine.create(function(a, b)\n"
        "  local c = coroutine.yield(a + b)\n"
        "  local d, e = coroutine.yield(c * 2)\n"
        "  return d + e\nend)\n"
        "local log = {coroutine.status(co)}\n"
        "for _, args in ipairs{{1, 2}, {10}, {3, 4}, {}} do\n"
        "  local ok, v = coroutine.resume(co, table.unpack(args))\n"
        "  log[#log + 1] = tostring(ok) log[#log + 1] = v log[#log + 1] = coroutine.status(co)\nend\n"
        "return log",
        "[\"suspended\",\"true\",3,\"suspended\",\"true\",20,\"suspended\",\"true\",7,\"dead\","
        "\"false\",\"cannot resume dead coroutine\",\"dead\"]");
    expect_output(
        "local t = {} for v in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) do\n"
        "t[#t + 1] = v end return t",
        "[1,2,3]");
    expect_output("local main, is_main = coroutine.running()\n"
                  "local inner = coroutine.wrap(function() return coroutine.running() end)\n"
                  "local co, m = inner()\n"
                  "return {is_main, m, main == co, coroutine.isyieldable(), coroutine.status(main)}",
                  "[true,false,false,false,\"running\"]");
    expect_output("local outer outer = coroutine.create(function()\n"
                  "  return coroutine.wrap(function() return coroutine.status(outer) end)()\nend)\n"
                  "return select(2, coroutine.resume(outer))",
                  "\"normal\"");
}

static void pcall_can_be_yielded_across(void **state)
{
    (void)state;
    expect_output("local co = coroutine.wrap(function()\n"
                  "  local ok, e = pcall(function() coroutine.yield(1) error('x', 0) end)\n"
                  "  return tostring(ok) .. e\nend)\n"
                  "return {co(), co()}",
                  "[1,\"falsex\"]");
    expect_message(&(struct plugin_case){.code = "coroutine.yield(1)"}, OUTCOME_PLUGIN_ERROR,
                   "attempt to yield from outside a coroutine");
}

static void close_runs_pending_handlers(void **state)
{
    (void)state;
    expect_output("local closed = false\n"
                  "local co = coroutine.create(function()\n"
                  "  local x <close> = setmetatable({}, {__close = function() closed = true end})\n"
                  "  coroutine.yield()\nend)\n"
                  "coroutine.resume(co)\n"
                  "return {coroutine.close(co), closed, coroutine.status(co)}",
                  "[true,true,\"dead\"]");
    expect_output("local co = coroutine.create(function()\n"
                  "  local x <close> = setmetatable({}, {__close = function() error('in close', 0) end})\n"
                  "  coroutine.yield()\nend)\n"
                  "coroutine.resume(co)\n"
                  "return {coroutine.close(co)}",
                  "[false,\"in close\"]");
    expect_message(&(struct plugin_case){.code = "coroutine.close(coroutine.running())"},
                   OUTCOME_PLUGIN_ERROR, "cannot close a running coroutine");
}

static void wrap_passes_errors_on_with_the_coroutines_stack(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "local function inner()\n  error('deep')\nend\n"
                                         "local co = coroutine.wrap(function()\n"
                                         "  coroutine.wrap(function()\n    inner()\n  end)()\nend)\n\nco()"};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    assert_int_equal(end.result.outcome, OUTCOME_PLUGIN_ERROR);
    static const uint32_t lines[] = {0, 2, 6, 0, 7, 0, 10};
    assert_int_equal(end.result.traceback_count, 7);
    for (int i = 0; i < 7; i++)
        assert_int_equal(end.result.traceback[i].line, lines[i]);
    plugin_end_free(&end);
}

static void an_older_coroutines_stack_is_not_shown(void **state)
{
    (void)state;
    struct plugin_case plugin = {
        .code = "pcall(coroutine.wrap(function()\n  error('old')\nend))\n\nerror('new')"};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    assert_int_equal(end.result.traceback_count, 2);
    assert_int_equal(end.result.traceback[1].line, 5);
    plugin_end_free(&end);
}

static void many_coroutines_and_deep_nesting_end_in_an_error(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "local function f() return coroutine.wrap(f)() end f()"},
                   OUTCOME_PLUGIN_ERROR, "C stack overflow");
    expect_end(&(struct plugin_case){.code = "local co = coroutine.wrap(function(...) return ... end)\n"
                                             "return select('#', co(table.unpack({}, 1, 200000)))"},
               OUTCOME_OK, "200000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coroutines_work_as_in_lua),
        cmocka_unit_test(pcall_can_be_yielded_across),
        cmocka_unit_test(close_runs_pending_handlers),
        cmocka_unit_test(wrap_passes_errors_on_with_the_coroutines_stack),
        cmocka_unit_test(an_older_coroutines_stack_is_not_shown),
        cmocka_unit_test(many_coroutines_and_deep_nesting_end_in_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
