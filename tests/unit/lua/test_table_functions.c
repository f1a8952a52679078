// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void sorted_pairs_goes_by_keys(void **state)
{
    (void)state;
    expect_output(
        "local t = {b = 1, a = 2, [10] = 3, [2.5] = 4, [-1] = 5, [true] = 6, [false] = 7, [''] = 8}\n"
        "local out = {} for k, v in table.sorted_pairs(t) do out[#out + 1] = tostring(k) .. '=' .. v end\n"
        "return out",
        "[\"-1=5\",\"2.5=4\",\"10=3\",\"=8\",\"a=2\",\"b=1\",\"false=7\",\"true=6\"]");
    expect_output("for k in table.sorted_pairs({}) do return k end return 'none'", "\"none\"");
}

static void sorted_pairs_sorts_many(void **state)
{
    (void)state;
    expect_output("local t = {} for i = 1, 1000 do t[(i * 7919) % 10007] = i end\n"
                  "local last, n = -1, 0\n"
                  "for k in table.sorted_pairs(t) do assert(k > last) last = k n = n + 1 end return n",
                  "1000");
    expect_output("local t = {} for i = 1, 999 do t['k' .. (i * 7919) % 10007] = i end\n"
                  "local last, n = '', 0\n"
                  "for k in table.sorted_pairs(t) do assert(k > last) last = k n = n + 1 end return n",
                  "999");
}

static void sorted_pairs_passes_over_what_is_removed_meanwhile(void **state)
{
    (void)state;
    expect_output("local t, seen = {a = 1, b = 2, c = 3}, {}\n"
                  "for k in table.sorted_pairs(t) do t.b = nil t.d = 4 seen[#seen + 1] = k end return seen",
                  "[\"a\",\"c\"]");
}

static void sorted_pairs_calls_no_metamethods(void **state)
{
    (void)state;
    expect_output(
        "local t = setmetatable({a = 1}, {__pairs = error, __index = error, __lt = error, __len = error})\n"
        "local out = {} for k, v in table.sorted_pairs(t) do out[k] = v end return out",
        "{\"a\":1}");
}

static void sorted_pairs_refuses_keys_without_order(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "table.sorted_pairs({[{}] = 1})"}, OUTCOME_PLUGIN_ERROR,
                   "a key is a table, which has no order");
    expect_message(&(struct plugin_case){.code = "table.sorted_pairs('x')"}, OUTCOME_PLUGIN_ERROR,
                   "table expected, got string");
}

static void sort_takes_the_same_steps_each_time(void **state)
{
    (void)state;
    // Ever more in order towards one end: partitions of such a table are unbalanced.
    struct plugin_case plugin = {.code =
                                     "local t = {}\n"
                                     "for i = 1, 20000 do t[i] = {key = i % 7 == 0 and i or 1, i = i} end\n"
                                     "table.sort(t, function(a, b) return a.key > b.key end)\n"
                                     "return {t[20000].i, t[10000].i, t[19000].i}\n",
                                 .count = true};
    struct plugin_end first, again;
    plugin_run(&plugin, &first);
    for (int i = 0; i < 3; i++) {
        plugin_run(&plugin, &again);
        assert_true(bytes_equal(first.result.output, again.result.output));
        assert_int_equal(first.result.instructions, again.result.instructions);
        plugin_end_free(&again);
    }
    plugin_end_free(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sort_takes_the_same_steps_each_time),
        cmocka_unit_test(sorted_pairs_goes_by_keys),
        cmocka_unit_test(sorted_pairs_sorts_many),
        cmocka_unit_test(sorted_pairs_passes_over_what_is_removed_meanwhile),
        cmocka_unit_test(sorted_pairs_calls_no_metamethods),
        cmocka_unit_test(sorted_pairs_refuses_keys_without_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
