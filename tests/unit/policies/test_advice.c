// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "policies/advice.h"

static void advice_follows_its_formula(void **state)
{
    (void)state;
    uint64_t figures[100];
    for (unsigned i = 0; i < 100; i++)
        figures[99 - i] = i + 1; // 1..100, unsorted
    struct limit_advice advice;
    assert_true(limit_advise(LIMIT_CPU_MS, figures, 100, NULL, 0, 1, &advice));
    assert_int_equal(advice.run_count, 100);
    assert_int_equal(advice.p50, 50);
    assert_int_equal(advice.p99, 99);
    assert_int_equal(advice.maximum, 100);
    // max(99 * 1.5, 100 * 1.1) = 148.5, readable: 150
    assert_int_equal(advice.suggestion, 150);
    assert_int_equal(advice.would_fail, 0);
}

static void a_far_maximum_counts_more_than_the_percentile(void **state)
{
    (void)state;
    uint64_t figures[1000];
    for (unsigned i = 0; i < 1000; i++)
        figures[i] = 10;
    figures[500] = 1000;
    struct limit_advice advice;
    assert_true(limit_advise(LIMIT_WALL_MS, figures, 1000, NULL, 0, 1, &advice));
    assert_int_equal(advice.p99, 10);
    assert_int_equal(advice.maximum, 1000);
    assert_int_equal(advice.suggestion, 1500); // 1,100 rounded up
}

static void runs_cut_off_count_as_failing_but_do_not_raise_the_limit(void **state)
{
    (void)state;
    uint64_t figures[] = {5, 5, 5, 5};
    const uint64_t cut_off[] = {10000, 10000, 3};
    struct limit_advice advice;
    assert_true(limit_advise(LIMIT_CPU_MS, figures, 4, cut_off, 3, 1, &advice));
    assert_int_equal(advice.suggestion, 8);
    assert_int_equal(advice.run_count, 7);
    assert_int_equal(advice.would_fail, 2);
}

static void suggestions_stay_within_bounds(void **state)
{
    (void)state;
    uint64_t small[] = {10}, large[] = {UINT64_MAX};
    struct limit_advice advice;
    assert_true(limit_advise(LIMIT_MEMORY_BYTES, small, 1, NULL, 0, 1, &advice));
    assert_int_equal(advice.suggestion, run_limit_table[LIMIT_MEMORY_BYTES].minimum);
    assert_true(limit_advise(LIMIT_MEMORY_BYTES, large, 1, NULL, 0, 1, &advice));
    assert_int_equal(advice.suggestion, run_limit_table[LIMIT_MEMORY_BYTES].maximum);
    assert_int_equal(advice.would_fail, 1);
}

static void times_in_microseconds_become_milliseconds_rounded_up(void **state)
{
    (void)state;
    uint64_t figures[] = {200, 300, 310};
    const uint64_t cut_off[] = {1400, 1500};
    struct limit_advice advice;
    assert_true(limit_advise(LIMIT_CPU_MS, figures, 3, cut_off, 2, 1000, &advice));
    assert_int_equal(advice.maximum, 310);
    assert_int_equal(advice.suggestion, 1); // 0.465 ms
    assert_int_equal(advice.would_fail, 2);
}

static void without_figures_there_is_no_advice(void **state)
{
    (void)state;
    const uint64_t cut_off[] = {1};
    struct limit_advice advice;
    assert_false(limit_advise(LIMIT_CPU_MS, NULL, 0, cut_off, 1, 1, &advice));
}

static void figures_equal_to_a_value_are_not_above_it(void **state)
{
    (void)state;
    const uint64_t figures[] = {1, 2, 2, 3};
    assert_int_equal(figures_above(figures, 4, 2), 1);
    assert_int_equal(figures_above(figures, 4, 0), 4);
    assert_int_equal(figures_above(NULL, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_follows_its_formula),
        cmocka_unit_test(a_far_maximum_counts_more_than_the_percentile),
        cmocka_unit_test(runs_cut_off_count_as_failing_but_do_not_raise_the_limit),
        cmocka_unit_test(suggestions_stay_within_bounds),
        cmocka_unit_test(times_in_microseconds_become_milliseconds_rounded_up),
        cmocka_unit_test(without_figures_there_is_no_advice),
        cmocka_unit_test(figures_equal_to_a_value_are_not_above_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
