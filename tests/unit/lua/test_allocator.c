// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MIB = 1 << 20 };

static void memory_limit_tells_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        uint32_t line;
    } attacks[] = {
        {"local t = {}\nfor i = 1, 1e9 do\n t[i] = {i}\nend", 3},
        {"\nlocal s = ('x'):rep(1 << 30)", 2},
        {"local s = 'x'\nwhile true do\n s = s .. s\nend", 3},
        {"local function f(n)\n return 1 + f(n + 1) end\nlocal t = ('x'):rep(1000000) f(1)", 0},
        {"local t = {}\nwhile true do\n t[#t + 1] = coroutine.create(print)\nend", 3},
        {"local t = {}\nfor i = 1, 1e9 do t[i] = true end", 2},
        {"local t = {}\nfor i = 1, 100 do\n t[i] = table.concat({('x'):rep(100000), i})\nend", 3},
        {"\nreturn {table.unpack({}, 1, 900000)}, {table.unpack({}, 1, 900000)}", 2},
    };
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        struct plugin_case plugin = {.code = attacks[i].code, .memory_bytes = 4 * MIB};
        if (attacks[i].line > 0)
            expect_line(&plugin, OUTCOME_MEMORY_LIMIT, attacks[i].line);
        else
            expect_end(&plugin, OUTCOME_MEMORY_LIMIT, "");
    }
}

static void memory_limit_cannot_be_caught(void **state)
{
    (void)state;
    static const char *const attacks[] = {
        "while true do pcall(string.rep, 'x', 1 << 40) pcall(string.rep, 'x', 1 << 30) end",
        "local ok, why = pcall(string.rep, 'x', 1 << 30) return 'escaped'",
        "xpcall(string.rep, function() return 1 end, 'x', 1 << 30) return 'escaped'",
        "local f = coroutine.wrap(function() return ('x'):rep(1 << 30) end) pcall(f) return 'escaped'",
        "local t = {} pcall(function() while true do t[#t + 1] = {} end end) t = nil return 'escaped'",
        "do local x <close> = setmetatable({}, {__close = function() error('other') end})\n"
        "pcall(string.rep, 'x', 1 << 30) end return 'escaped'",
        "local f = load('return ' .. ('{'):rep(100) .. ('x'):rep(1 << 22)) return 'escaped'",
    };
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
        expect_end(&(struct plugin_case){.code = attacks[i], .memory_bytes = 4 * MIB}, OUTCOME_MEMORY_LIMIT,
                   "");
}

static void garbage_does_not_count_against_the_limit(void **state)
{
    (void)state;
    static const char *const plugins[] = {
        // Live data of half the limit, and strings made and dropped beside it.
        // Repeated in pieces of a thousand, since string.rep copies piece by piece, which sanitizers make
        // slow.
        "local k = ('k'):rep(1000) local keep = {} for i = 1, 36 do keep[i] = k:rep(1000) .. i end\n"
        "for i = 1, 200 do local s = k:rep(4000) .. i end return 'ok'",
        "local x = ('x'):rep(1000) for i = 1, 100 do local s = x:rep(20000) end return 'ok'",
        "for i = 1, 200 do local t = {} for j = 1, 10000 do t[j] = {j} end end return 'ok'",
        "local s = '' for i = 1, 3000 do s = s .. ('y'):rep(100) end return 'ok'",
    };
    for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++)
        expect_end(&(struct plugin_case){.code = plugins[i], .memory_bytes = 64 * MIB}, OUTCOME_OK, "\"ok\"");
}

static void a_string_buffer_is_grown_again_after_a_collection(void **state)
{
    (void)state;
    expect_end(&(struct plugin_case){.code =
                                         "local s\nfor i = 1, 50 do s = ('x'):rep(1500000) .. i s = nil end\n"
                                         "return 'ok'",
                                     .memory_bytes = 6 * MIB},
               OUTCOME_OK, "\"ok\"");
}

static void the_collector_may_ask_while_a_buffer_waits(void **state)
{
    (void)state;
    // To call the finalizer of an earlier buffer, in a depth that was never reached before.
    static const char code[] = "local function deep(levels)\n"
                               "  if levels > 0 then\n"
                               "    local length = deep(levels - 1)\n"
                               "    return length\n"
                               "  end\n"
                               "  return #('z'):rep(500000)\n"
                               "end\n"
                               "local garbage = ('g'):rep(270000)\n"
                               "garbage = garbage .. garbage\n"
                               "garbage = #('b'):rep(3000)\n"
                               "return deep(30)\n";
    expect_end(&(struct plugin_case){.code = code, .memory_bytes = MIB}, OUTCOME_OK, "500000");
}

static void a_stack_may_not_outgrow_a_small_limit_by_more_than_it(void **state)
{
    (void)state;
    // All of it in one call, and nothing of it is left when an instruction could see it.
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "pcall(table.unpack, {}, 1, 900000) return 'done'",
                                     .memory_bytes = MIB},
               &end);
    assert_int_equal(end.result.outcome, OUTCOME_MEMORY_LIMIT);
    assert_in_range(end.result.limit_observed, 900000 * 16, 900000 * 16 + MIB);
    plugin_end_free(&end);
}

static void a_forged_memory_error_is_the_plugins_own(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "error('not enough memory', 0)"}, OUTCOME_PLUGIN_ERROR,
                   "not enough memory");
}

static void observed_says_what_would_have_been_needed(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "return ('x'):rep(1 << 30)", .memory_bytes = MIB}, &end);
    assert_in_range(end.result.limit_observed, 1 << 30, (1 << 30) + MIB);
    assert_in_range(end.result.memory_peak_bytes, 0, MIB);
    plugin_end_free(&end);
}

static void the_context_counts(void **state)
{
    (void)state;
    static char context[300000];
    context[0] = '[';
    for (size_t i = 1; i < sizeof(context) - 3; i += 2) {
        context[i] = '1';
        context[i + 1] = ',';
    }
    context[sizeof(context) - 3] = '1';
    context[sizeof(context) - 2] = ']';
    expect_end(&(struct plugin_case){.code = "return 1", .context = context, .memory_bytes = MIB},
               OUTCOME_MEMORY_LIMIT, "");
}

static void memory_limit_in_a_constructor_tells_its_own_line(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "local keep\n"
                                         "local function f() return 1 end\n"
                                         "while true do\n"
                                         "  f()\n"
                                         "  keep = {keep, 2, 3, 4, 5, 6, 7, 8}\n"
                                         "end\n",
                                 .memory_bytes = 1 << 20};
    expect_line(&plugin, OUTCOME_MEMORY_LIMIT, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_limit_in_a_constructor_tells_its_own_line),
        cmocka_unit_test(memory_limit_tells_the_line),
        cmocka_unit_test(memory_limit_cannot_be_caught),
        cmocka_unit_test(garbage_does_not_count_against_the_limit),
        cmocka_unit_test(a_string_buffer_is_grown_again_after_a_collection),
        cmocka_unit_test(the_collector_may_ask_while_a_buffer_waits),
        cmocka_unit_test(a_stack_may_not_outgrow_a_small_limit_by_more_than_it),
        cmocka_unit_test(a_forged_memory_error_is_the_plugins_own),
        cmocka_unit_test(observed_says_what_would_have_been_needed),
        cmocka_unit_test(the_context_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
