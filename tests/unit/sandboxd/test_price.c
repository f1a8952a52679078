// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/price.h"
#include "tests/support/cmocka_all.h"

static const struct plan plan = {
    .figure = {[PLAN_PRICE_RUN] = 10, [PLAN_PRICE_CPU_SECOND] = 100, [PLAN_PRICE_GIB_SECOND] = 20}};

static struct run_result result_of(uint64_t cpu_us, uint64_t wall_us, uint64_t rss_bytes)
{
    return (struct run_result){
        .figures = {.cpu_us = cpu_us, .wall_us = wall_us, .rss_bytes = rss_bytes},
        .limits.limits.value = {
            [LIMIT_CPU_MS] = 1000, [LIMIT_WALL_MS] = 2000, [LIMIT_MEMORY_BYTES] = UINT64_C(1) << 30}};
}

static void price_is_of_run_cpu_and_memory_each_rounded_up(void **state)
{
    (void)state;
    struct run_result result = result_of(500000, 1000000, UINT64_C(1) << 29);
    assert_int_equal(price_run(&plan, &result), 10 + 50 + 10);
    result = result_of(1, 1, 1024);
    assert_int_equal(price_run(&plan, &result), 10 + 1 + 0);
    result = result_of(1, 1000, 1024);
    assert_int_equal(price_run(&plan, &result), 10 + 1 + 1);
}

static void run_never_costs_more_than_its_estimate(void **state)
{
    (void)state;
    struct run_result beyond = result_of(UINT64_C(1) << 40, UINT64_C(1) << 40, UINT64_C(1) << 40);
    assert_int_equal(price_least(&plan), 10);
    assert_int_equal(price_estimate(&plan, &beyond.limits.limits), 10 + 100 + 40);
    assert_int_equal(price_run(&plan, &beyond), 10 + 100 + 40);
}

static void our_fault_and_what_never_began_cost_nothing(void **state)
{
    (void)state;
    struct run_result result = result_of(500000, 1000000, 1 << 20);
    result.outcome = OUTCOME_INTERNAL_ERROR;
    assert_int_equal(price_run(&plan, &result), 0);
    result = result_of(0, 0, 0);
    result.outcome = OUTCOME_CANCELLED;
    assert_int_equal(price_run(&plan, &result), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(price_is_of_run_cpu_and_memory_each_rounded_up),
        cmocka_unit_test(run_never_costs_more_than_its_estimate),
        cmocka_unit_test(our_fault_and_what_never_began_cost_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
