// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void one_result_ends_every_run(void **state)
{
    (void)state;
    // Ends that race with an alarm: whoever comes first is the only one (the harness refuses a second frame).
    for (int i = 1; i <= 20; i++) {
        struct plugin_end end;
        plugin_run(&(struct plugin_case){.code = "local t = {} for i = 1, 30000 do t[i] = i end return t",
                                         .cpu_ms = 1,
                                         .wall_ms = 1 + (uint64_t)i % 4},
                   &end);
        assert_int_equal(end.wait_status, 0);
        assert_true(end.has_result);
        plugin_end_free(&end);
    }
}

static void limits_are_worded_with_their_values(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "while true do end", .cpu_ms = 7}, OUTCOME_CPU_LIMIT,
                   "CPU limit of 7 ms reached");
    expect_message(&(struct plugin_case){.code = "while true do end", .instructions = 1234},
                   OUTCOME_INSTRUCTION_LIMIT, "instruction limit of 1234 reached");
    expect_message(&(struct plugin_case){.code = "return ('x'):rep(10000000)", .memory_bytes = 65536},
                   OUTCOME_MEMORY_LIMIT, "memory limit of 65536 bytes reached");
}

static void a_long_traceback_fits_its_frame(void **state)
{
    (void)state;
    static char code[4000];
    char name[120];
    for (size_t i = 0; i < sizeof(name) - 1; i++)
        name[i] = 'n';
    name[sizeof(name) - 1] = '\0';
    snprintf(code, sizeof(code),
             "local %s %s = function(n) if n == 0 then while true do end end\n%s(n - 1) return 1 end %s(99)",
             name, name, name, name);
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "require('a')", .cpu_ms = 10, .modules = {{"a", code}}}, &end);
    assert_int_equal(end.result.outcome, OUTCOME_CPU_LIMIT);
    assert_int_equal(end.result.traceback_count, TRACEBACK_MAX);
    plugin_end_free(&end);
}

// A broken byte of a name is three bytes in the frame, and a module's name may be as long as any.
static void names_that_grow_in_the_frame_do_not_hide_how_a_run_ended(void **state)
{
    (void)state;
    static const struct {
        const char *act;
        enum outcome outcome;
    } ends[] = {
        {"while true do end", OUTCOME_CPU_LIMIT},
        {"error('x')", OUTCOME_PLUGIN_ERROR},
        {"local s = 'x' while true do s = s .. s end", OUTCOME_MEMORY_LIMIT},
    };
    char module[MODULE_NAME_MAX - 3], name[63 * 4 + 1], main[200], code[2000];
    memset(module, 'm', sizeof(module) - 1);
    module[sizeof(module) - 1] = '\0';
    for (size_t i = 0; i < 63; i++)
        memcpy(name + 4 * i, "\\xff", 5);
    snprintf(main, sizeof(main), "return require('%s')", module);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(code, sizeof(code),
                 "_G['%s'] = function(d) if d == 0 then %s end local x = _G['%s'](d - 1) return x end\n"
                 "local x = _G['%s'](60) return x",
                 name, ends[i].act, name, name);
        struct plugin_end end;
        plugin_run(&(struct plugin_case){.code = main,
                                         .cpu_ms = ends[i].outcome == OUTCOME_CPU_LIMIT ? 10 : 0,
                                         .memory_bytes = 4 << 20,
                                         .modules = {{module, code}}},
                   &end);
        assert_int_equal(end.wait_status, 0);
        assert_true(end.has_result);
        assert_int_equal(end.result.outcome, ends[i].outcome);
        assert_int_equal(end.result.traceback_count, TRACEBACK_MAX);
        plugin_end_free(&end);
    }
}

#ifndef __SANITIZE_ADDRESS__ // whose malloc never fails: it ends the process instead
static void a_result_without_room_for_its_frame_reaches_the_memory_limit(void **state)
{
    (void)state;
    // Wherever memory ends - in Lua, in the JSON text, in the frame - it is the plugin that ran out of it.
    unsigned ended_well = 0, ended_by_memory = 0;
    for (size_t mib = 8; mib <= 160; mib += 8) {
        struct plugin_end end;
        plugin_run(&(struct plugin_case){.code = "local s = ('x'):rep(1048576) local t = {} "
                                                 "for i = 1, 32 do t[i] = s end return t",
                                         .memory_bytes = 16 << 20,
                                         .output_bytes = 64 << 20,
                                         .room = mib << 20},
                   &end);
        assert_int_equal(end.wait_status, 0);
        assert_true(end.has_result);
        ended_well += end.result.outcome == OUTCOME_OK;
        ended_by_memory += end.result.outcome == OUTCOME_MEMORY_LIMIT;
        plugin_end_free(&end);
    }
    assert_true(ended_well > 0 && ended_by_memory > 0);
    assert_int_equal(ended_well + ended_by_memory, 20);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_result_ends_every_run),
        cmocka_unit_test(limits_are_worded_with_their_values),
        cmocka_unit_test(a_long_traceback_fits_its_frame),
        cmocka_unit_test(names_that_grow_in_the_frame_do_not_hide_how_a_run_ended),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(a_result_without_room_for_its_frame_reaches_the_memory_limit),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
