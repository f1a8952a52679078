// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void setmetatable_refuses_finalizers(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "setmetatable({}, {__gc = function() end})"},
                   OUTCOME_PLUGIN_ERROR, "__gc is not available");
    expect_message(&(struct plugin_case){.code = "setmetatable({}, {__gc = true})"}, OUTCOME_PLUGIN_ERROR,
                   "__gc");
    // Set later, it is never looked at; nor is one that only __index gives.
    expect_output("local ran = false\n"
                  "for i = 1, 1000 do\n"
                  "  local m = setmetatable({}, {__index = {__gc = function() ran = true end}})\n"
                  "  local t = setmetatable({}, m)\n"
                  "  rawset(m, '__gc', function() ran = true end)\n"
                  "end\n"
                  "for i = 1, 200000 do local t = {i} end\n"
                  "return ran",
                  "false");
}

static void setmetatable_honours_protection(void **state)
{
    (void)state;
    expect_output("local t = setmetatable({}, {__metatable = 'mine'})\n"
                  "return {getmetatable(t), (pcall(setmetatable, t, {}))}",
                  "[\"mine\",false]");
    expect_output("local m = {} local t = setmetatable({}, m) return getmetatable(t) == m", "true");
    expect_output("return getmetatable(setmetatable(setmetatable({}, {}), nil)) == nil", "true");
}

static void getmetatable_hides_shared_metatables(void **state)
{
    (void)state;
    expect_output("return getmetatable('')", "\"string\"");
    expect_output("return getmetatable(json.array()) == nil", "true");
    expect_output("return getmetatable(json.null)", "false");
    expect_output("return getmetatable(1) == nil and getmetatable(print) == nil", "true");
    expect_message(&(struct plugin_case){.code = "getmetatable()"}, OUTCOME_PLUGIN_ERROR, "value expected");
}

static void tostring_gives_names_that_repeat(void **state)
{
    (void)state;
    expect_output("local t, f = {}, print\n"
                  "return {tostring(t), tostring(f), tostring(t), tostring(coroutine.create(f))}",
                  "[\"table: 0x00000001\",\"function: 0x00000002\",\"table: 0x00000001\","
                  "\"thread: 0x00000003\"]");
    expect_output("return tostring(setmetatable({}, {__name = 'Point'}))", "\"Point: 0x00000001\"");
    expect_output("return tostring(setmetatable({}, {__tostring = function() return 'P' end}))", "\"P\"");
    expect_output("return {tostring(nil), tostring(true), tostring(1), tostring(1.0), tostring('x'),"
                  " tostring(json.null)}",
                  "[\"nil\",\"true\",\"1\",\"1.0\",\"x\",\"null\"]");
    expect_message(&(struct plugin_case){.code = "tostring(setmetatable({}, {__tostring = function() end}))"},
                   OUTCOME_PLUGIN_ERROR, "'__tostring' must return a string");
}

static void no_function_shows_an_address(void **state)
{
    (void)state;
    // Real addresses have far more digits than any number given out here.
    static const char *const leaks[] = {
        "return tostring({}) .. tostring(print) .. tostring(coroutine.running())",
        "return ('%s %s'):format({}, print)",
        "return string.format('%-30s|%.20s', coroutine.running(), setmetatable({}, {__name = 'x'}))",
        "return select(2, pcall(error, {})) == nil or tostring(select(2, pcall(error, {})))",
        "return table.concat({select('#', math.randomseed()), select('#', math.randomseed(1))}, ',')",
        "return debug.traceback(coroutine.create(function() end)) .. debug.traceback('x')",
        "return select(2, pcall(string.rep)) .. select(2, pcall(ipairs)) .. select(2, pcall(setmetatable, "
        "{}, print))",
        "local ok, e = pcall(function() return {} .. {} end) return e",
        "local ok, e = pcall(function() return {} < {} end) return e",
        "local ok, e = pcall(string.format, '%d', {}) return e",
        "return select(2, load('x = = 1')) or ''",
        "return select(2, pcall(string.format, '%p', {}))",
    };
    for (size_t i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++) {
        struct plugin_end end;
        plugin_run(&(struct plugin_case){.code = leaks[i]}, &end);
        assert_int_equal(end.result.outcome, OUTCOME_OK);
        const char *text = end.result.output.data;
        unsigned digits = 0;
        for (size_t at = 0; at < end.result.output.length; at++) {
            bool is_digit = (text[at] >= '1' && text[at] <= '9') || (text[at] >= 'a' && text[at] <= 'f') ||
                            (digits > 0 && text[at] == '0');
            bool has_number = is_digit && (digits > 0 || (at > 1 && text[at - 1] == 'x'));
            digits = has_number ? digits + 1 : 0;
            if (digits >= 6)
                fail_msg("%s gave %.*s", leaks[i], (int)end.result.output.length, text);
        }
        plugin_end_free(&end);
    }
}

static void collectgarbage_only_counts(void **state)
{
    (void)state;
    expect_output("return collectgarbage('count') > 0", "true");
    static const char *const options[] = {
        "collectgarbage()",          "collectgarbage('collect')",
        "collectgarbage('stop')",    "collectgarbage('generational')",
        "collectgarbage('step', 1)",
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        expect_message(&(struct plugin_case){.code = options[i]}, OUTCOME_PLUGIN_ERROR,
                       "only \"count\" is available");
}

static void load_takes_text_only(void **state)
{
    (void)state;
    expect_output("return load('return 1 + 1')()", "2");
    expect_output("return {load('return x', 'c', 't', {x = 5})()}", "[5]");
    expect_output("return select('#', load('x = 1', 'c', 't', nil)) == 1", "true");
    expect_output("return select(2, load('return return', '=name'))",
                  "\"name:1: unexpected symbol near 'return'\"");
    expect_output("return load('\\27Lua') == nil", "true");
    expect_output("return load('return 1', 'c', 'b') == nil", "true");
    expect_message(&(struct plugin_case){.code = "load(function() return nil end)"}, OUTCOME_PLUGIN_ERROR,
                   "string expected");
    expect_message(&(struct plugin_case){.code = "load('return 1')", .deny = "load"}, OUTCOME_PLUGIN_ERROR,
                   "attempt to call a nil value");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setmetatable_refuses_finalizers),
        cmocka_unit_test(setmetatable_honours_protection),
        cmocka_unit_test(getmetatable_hides_shared_metatables),
        cmocka_unit_test(tostring_gives_names_that_repeat),
        cmocka_unit_test(no_function_shows_an_address),
        cmocka_unit_test(collectgarbage_only_counts),
        cmocka_unit_test(load_takes_text_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
