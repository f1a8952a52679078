// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/policies/effect.h"

#include <string.h>

static uint64_t ended_cpu[] = {100, 1000, 1001, 5000}, cut_cpu[] = {9000}, none[] = {0, 0, 0, 0};

static struct run_samples samples(void)
{
    struct run_samples samples = {.ended_count = 4, .cut_off_count = 1};
    samples.ended[LIMIT_CPU_MS] = ended_cpu;
    samples.cut_off[LIMIT_CPU_MS] = cut_cpu;
    samples.ended[LIMIT_INSTRUCTIONS] = none;
    samples.cut_off[LIMIT_INSTRUCTIONS] = none;
    return samples;
}

static void a_tighter_limit_tells_how_many_runs_used_more(void **state)
{
    (void)state;
    struct run_samples given = samples();
    struct policy after = {.limits.value[LIMIT_CPU_MS] = 1};
    struct policy_change change = {.member = MEMBER_LIMIT_FIRST + LIMIT_CPU_MS, .effect = CHANGE_TIGHTER};
    struct run_effect effect;
    assert_true(change_effect_on_runs(&change, &after, &given, &effect));
    assert_int_equal(effect.used_more, 3); // 1,001 and 5,000 µs, and the one that was cut off
    assert_string_equal(effect.text, "3 of the last 5 runs used more");
    after.limits.value[LIMIT_CPU_MS] = 9;
    assert_true(change_effect_on_runs(&change, &after, &given, &effect));
    assert_string_equal(effect.text, "none of the last 5 runs used more");
}

static void where_nothing_can_be_said_nothing_is(void **state)
{
    (void)state;
    struct run_samples given = samples(), empty = {0};
    struct policy after = {.limits.value[LIMIT_CPU_MS] = 1};
    struct run_effect effect;
    struct policy_change change = {.member = MEMBER_LIMIT_FIRST + LIMIT_CPU_MS, .effect = CHANGE_LOOSER};
    assert_false(change_effect_on_runs(&change, &after, &given, &effect));
    change.effect = CHANGE_TIGHTER;
    assert_false(change_effect_on_runs(&change, &after, &empty, &effect));
    change.member = MEMBER_CEILING_FIRST + LIMIT_CPU_MS;
    assert_false(change_effect_on_runs(&change, &after, &given, &effect));
    change.member = MEMBER_LIMIT_FIRST + LIMIT_CODE_BYTES; // not measured
    assert_false(change_effect_on_runs(&change, &after, &given, &effect));
    change.member = MEMBER_LIMIT_FIRST + LIMIT_INSTRUCTIONS; // not counted
    assert_false(change_effect_on_runs(&change, &after, &given, &effect));
    change.member = MEMBER_LUA_ALLOW;
    assert_false(change_effect_on_runs(&change, &after, &given, &effect));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tighter_limit_tells_how_many_runs_used_more),
        cmocka_unit_test(where_nothing_can_be_said_nothing_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
