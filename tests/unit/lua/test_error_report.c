// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect_error(const char *code, const char *message, const char *value)
{
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = code}, &end);
    assert_int_equal(end.result.outcome, OUTCOME_PLUGIN_ERROR);
    if (!bytes_equal_text(end.result.message, message) || !bytes_equal_text(end.result.value, value))
        fail_msg("%s gave message '%.*s', value '%.*s'", code, (int)end.result.message.length,
                 end.result.message.data, (int)end.result.value.length, end.result.value.data);
    plugin_end_free(&end);
}

static void error_objects_of_every_kind_have_a_message(void **state)
{
    (void)state;
    expect_error("error('text')", "main.lua:1: text", "");
    expect_error("error('text', 0)", "text", "");
    expect_error("error(42)", "42", "");
    expect_error("error()", "(error object is a nil value)", "");
    expect_error("error(true)", "(error object is a boolean value)", "");
    expect_error("error(print)", "(error object is a function value)", "");
    expect_error("error({code = 42})", "(error object is a table value)", "{\"code\":42}");
    expect_error("error({code = 1, message = 'no stock'})", "no stock",
                 "{\"code\":1,\"message\":\"no stock\"}");
    expect_error("error({f = print})", "(error object is a table value)", "");
    expect_error("error(setmetatable({1}, {__tostring = function(t) return 'E' .. t[1] end}))", "E1", "[1]");
    expect_error("error(setmetatable({}, {__tostring = function() error('again') end}))",
                 "(error object whose __tostring failed)", "{}");
    expect_error("error(setmetatable({}, {__tostring = function() return {} end}))",
                 "(error object whose __tostring failed)", "{}");
    expect_error("error('a\\255b', 0)",
                 "a\xef\xbf\xbd"
                 "b",
                 "");
}

static void the_trace_starts_where_the_error_was_raised(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "local function check(x)\n  assert(x, 'bad')\nend\n"
                                             "function go()\n  check(false)\nend\n\ngo()"},
               &end);
    static const struct {
        const char *source, *function;
        uint32_t line;
    } frames[] = {
        {"[C]", "assert", 0}, {"main.lua", "check", 2}, {"main.lua", "go", 5}, {"main.lua", "main chunk", 8}};
    assert_int_equal(end.result.traceback_count, 4);
    for (int i = 0; i < 4; i++) {
        assert_true(bytes_equal_text(end.result.traceback[i].source, frames[i].source));
        assert_true(bytes_equal_text(end.result.traceback[i].function, frames[i].function));
        assert_int_equal(end.result.traceback[i].line, frames[i].line);
    }
    plugin_end_free(&end);
}

static void deep_recursion_ends_in_an_error_with_the_innermost_frames(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "local function f()\n  return 1 + f()\nend\nf()"}, &end);
    assert_int_equal(end.result.outcome, OUTCOME_PLUGIN_ERROR);
    assert_int_equal(end.result.traceback_count, TRACEBACK_MAX);
    assert_int_equal(end.result.traceback[0].line, 2);
    plugin_end_free(&end);
    static const char *const others[] = {
        "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
        "local function f(...) return select('#', ...) + f(1, ...) end f()",
        "local s = ('('):rep(300) .. ('x'):rep(1) return s:match(s)",
        "return ('x'):rep(300000):match(('(.?)'):rep(33))",
        "return ('x'):gsub('.', function() return ('x'):gsub('.', function(c) return nil .. c end) end)",
        "local f = function() end for i = 1, 300 do local g = f f = function() return (g()) .. 'x' end end "
        "return f()",
        "xpcall(error, function(e) error(e) end) error(('y'):rep(5000))",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        expect_end(&(struct plugin_case){.code = others[i]}, OUTCOME_PLUGIN_ERROR, "");
}

static void syntax_errors_tell_the_line(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "local x = 1\nlocal y = = 2"}, &end);
    assert_int_equal(end.result.outcome, OUTCOME_SYNTAX_ERROR);
    assert_true(bytes_equal_text(end.result.message, "main.lua:2: unexpected symbol near '='"));
    assert_int_equal(end.result.traceback_count, 1);
    assert_true(bytes_equal_text(end.result.traceback[0].source, "main.lua"));
    assert_int_equal(end.result.traceback[0].line, 2);
    plugin_end_free(&end);
}

static void texts_are_bounded(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "error(('\xe2\x82\xac'):rep(5000), 0)"}, &end);
    assert_int_equal(end.result.outcome, OUTCOME_PLUGIN_ERROR);
    assert_int_equal(end.result.message.length, WORKER_TEXT_MAX / 3 * 3);
    plugin_end_free(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_objects_of_every_kind_have_a_message),
        cmocka_unit_test(the_trace_starts_where_the_error_was_raised),
        cmocka_unit_test(deep_recursion_ends_in_an_error_with_the_innermost_frames),
        cmocka_unit_test(syntax_errors_tell_the_line),
        cmocka_unit_test(texts_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
