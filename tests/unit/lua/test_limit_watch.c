// SPDX-License-Identifier: Apache-2.0
// Every way out of a limit that we know must end in that limit, with the line that was running.
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct attack {
    const char *code;
    uint32_t line; // 0: any
};

static void cpu_limit_tells_the_line(void **state)
{
    (void)state;
    static const struct attack attacks[] = {
        {"local x = 0\nwhile true do\n end", 2},
        {"local function spin()\n  for i = 1, math.huge do\n    local t = i * 2\n  end\nend\nspin()", 0},
        {"\n\n::again::\ngoto again", 4},
        {"\nwhile true do pcall(function()\n while true do end end) end", 3},
        {"\nwhile true do pcall(error) end", 2},
        {"xpcall(function()\n while true do end\nend, function() while true do end end)", 2},
        {"local co = coroutine.wrap(function()\n  while true do end\nend)\nco()", 2},
        {"local function short() local x = 0 for i = 1, 60 do x = x + i end end\n"
         "while true do coroutine.wrap(short)() end",
         0},
        {"local t = setmetatable({}, {__close = function()\n while true do end\nend})\n"
         "do local x <close> = t end",
         2},
        {"local co = coroutine.create(function()\n"
         " local x <close> = setmetatable({}, {__close = function()\n  while true do end\n end})\n"
         " coroutine.yield()\nend)\ncoroutine.resume(co)\ncoroutine.close(co)",
         3},
        {"error(setmetatable({}, {__tostring = function()\n while true do end\nend}))", 2},
    };
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        struct plugin_case plugin = {.code = attacks[i].code, .cpu_ms = 20};
        if (attacks[i].line > 0)
            expect_line(&plugin, OUTCOME_CPU_LIMIT, attacks[i].line);
        else
            expect_message(&plugin, OUTCOME_CPU_LIMIT, "CPU limit of 20 ms reached");
    }
}

static void cpu_limit_reaches_into_c_functions(void **state)
{
    (void)state;
    static const struct attack attacks[] = {
        {"\nreturn ('a'):rep(40):find(('a?'):rep(40) .. ('a'):rep(40))", 2},
        {"local x = 1\nreturn (('a'):rep(30000):find(('.-'):rep(8) .. 'b'))", 2},
        {"\n\ntable.move({}, 1, 1 << 53, 1)", 3},
        {"\n\nlocal t = {} setmetatable(t, {__call = t}) t()", 3},
        {"\nlocal t = setmetatable({}, {__len = function() return 1 << 60 end})\ntable.insert(t, 1, 1)", 3},
        {"local t = {}\nfor i = 1, 60000 do t[i] = i end\ntable.sort(t, function(a, b) return true end)", 0},
        {"local t = setmetatable({}, {__len = function() return 2000000000 end})\n\ntable.sort(t, pcall)", 0},
        {"\nreturn #table.concat(setmetatable({}, {__len = function() return 1 << 40 end,\n"
         "__index = function() return '' end}))",
         0},
        {"local s = ('('):rep(300000)\nreturn s:find('%b()') or s:gsub('%b()', '')", 2},
    };
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        struct plugin_case plugin = {.code = attacks[i].code, .cpu_ms = 20};
        if (attacks[i].line > 0) {
            expect_line(&plugin, OUTCOME_CPU_LIMIT, attacks[i].line);
            continue;
        }
        struct plugin_end end;
        plugin_run(&plugin, &end);
        enum outcome outcome = end.result.outcome;
        plugin_end_free(&end);
        // Lua itself may refuse before the time is over, on a fast machine.
        assert_true(outcome == OUTCOME_CPU_LIMIT || outcome == OUTCOME_PLUGIN_ERROR);
    }
}

static void cpu_limit_names_the_c_function(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(
        &(struct plugin_case){.code = "local move = table.move\nmove({}, 1, 1 << 53, 1)", .cpu_ms = 20},
        &end);
    assert_true(bytes_equal_text(end.result.traceback[0].function, "table.move"));
    assert_true(bytes_equal_text(end.result.traceback[0].source, "[C]"));
    assert_int_equal(end.result.traceback[0].line, 0);
    assert_true(bytes_equal_text(end.result.traceback[1].source, "main.lua"));
    assert_true(bytes_equal_text(end.result.traceback[1].function, "main chunk"));
    assert_int_equal(end.result.traceback[1].line, 2);
    assert_int_equal(end.result.traceback_count, 2);
    assert_in_range(end.result.limit_observed, 20000, 2000000); // microseconds
    plugin_end_free(&end);
}

static void wall_limit_ends_a_run_within_its_cpu_limit(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "\nwhile true do end", .cpu_ms = 20000, .wall_ms = 20};
    expect_line(&plugin, OUTCOME_WALL_LIMIT, 2);
    expect_message(&plugin, OUTCOME_WALL_LIMIT, "wall-clock limit of 20 ms reached");
}

static void cpu_limit_while_compiling_tells_how_far_it_came(void **state)
{
    (void)state;
    enum { BRANCHES = 50000, PIECE = 64 };
    char *code = malloc((size_t)BRANCHES * PIECE);
    assert_non_null(code);
    size_t length = (size_t)sprintf(code, "if x == 0 then\n");
    for (int i = 1; i < BRANCHES; i++)
        length += (size_t)sprintf(code + length, "elseif x == %d then y = %d\n", i, i);
    strcpy(code + length, "end");
    struct plugin_case plugin = {.code = code, .cpu_ms = 20};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    assert_int_equal(end.result.outcome, OUTCOME_CPU_LIMIT);
    assert_true(bytes_equal_text(end.result.traceback[0].source, "main.lua"));
    assert_in_range(end.result.traceback[0].line, 10, BRANCHES + 2);
    plugin_end_free(&end);
    free(code);
}

static void instruction_limit_ends_within_one_percent(void **state)
{
    (void)state;
    static const struct attack attacks[] = {
        {"while true do end", 1},
        {"while true do pcall(function() while true do end end) end", 1},
        {"local function f() local x = 0 for i = 1, 60 do x = x + i end end\n"
         "while true do coroutine.wrap(f)() end",
         0},
        {"while true do coroutine.wrap(function() local x <close> = setmetatable({},\n"
         "{__close = function() while true do end end}) error('x') end)() end",
         0},
    };
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        struct plugin_case plugin = {.code = attacks[i].code, .instructions = 100000};
        struct plugin_end end;
        plugin_run(&plugin, &end);
        assert_int_equal(end.result.outcome, OUTCOME_INSTRUCTION_LIMIT);
        assert_true(end.result.instructions_counted);
        assert_in_range(end.result.instructions, 100000, 101000);
        assert_int_equal(end.result.limit_observed, end.result.instructions);
        assert_true(end.result.traceback_count > 0);
        plugin_end_free(&end);
    }
    expect_line(
        &(struct plugin_case){.code = "\n\nlocal x = 1 while true do x = x + 1 end", .instructions = 7},
        OUTCOME_INSTRUCTION_LIMIT, 3);
}

static void instructions_are_counted_on_request(void **state)
{
    (void)state;
    struct plugin_end end;
    // One FORLOOP a round, and a few around it.
    plugin_run(&(struct plugin_case){.code = "for i = 1, 1000000 do end", .count = true}, &end);
    assert_int_equal(end.result.outcome, OUTCOME_OK);
    assert_true(end.result.instructions_counted);
    assert_in_range(end.result.instructions, 990000, 1010000);
    plugin_end_free(&end);
    plugin_run(&(struct plugin_case){.code = "local x = 1 return x", .count = true}, &end);
    assert_in_range(end.result.instructions, 1, 10);
    plugin_end_free(&end);
}

static void limit_leaves_log_frames_whole(void **state)
{
    (void)state;
    struct plugin_case plugin = {
        .code = "while true do log.info(('x'):rep(100)) end", .cpu_ms = 20, .log_bytes = 60000000};
    struct plugin_end end;
    plugin_run(&plugin, &end); // fails by itself if a frame is broken
    assert_int_equal(end.result.outcome, OUTCOME_CPU_LIMIT);
    assert_true(end.log_count > 0);
    plugin_end_free(&end);
}

static void traceback_goes_on_through_coroutines(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "local function inner()\n while true do end\nend\n"
                                         "local co = coroutine.wrap(function()\n inner()\nend)\n"
                                         "local function outer()\n co()\nend\nouter()",
                                 .cpu_ms = 10};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    static const uint32_t lines[] = {2, 5, 0, 8, 10};
    assert_int_equal(end.result.traceback_count, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(end.result.traceback[i].line, lines[i]);
    assert_true(bytes_equal_text(end.result.traceback[0].function, "inner"));
    assert_true(bytes_equal_text(end.result.traceback[3].function, "outer"));
    plugin_end_free(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_limit_tells_the_line),
        cmocka_unit_test(cpu_limit_reaches_into_c_functions),
        cmocka_unit_test(cpu_limit_names_the_c_function),
        cmocka_unit_test(wall_limit_ends_a_run_within_its_cpu_limit),
        cmocka_unit_test(cpu_limit_while_compiling_tells_how_far_it_came),
        cmocka_unit_test(instruction_limit_ends_within_one_percent),
        cmocka_unit_test(instructions_are_counted_on_request),
        cmocka_unit_test(limit_leaves_log_frames_whole),
        cmocka_unit_test(traceback_goes_on_through_coroutines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
