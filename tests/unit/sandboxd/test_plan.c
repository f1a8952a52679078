// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/plan.h"
#include "tests/support/cmocka_all.h"

static struct plan *read_plan(const char *document, struct diagnostics *faults)
{
    diagnostics_init(faults);
    return plan_read("gold", bytes_of_text(document), faults);
}

static void what_is_left_out_or_null_bounds_nothing(void **state)
{
    (void)state;
    struct diagnostics faults;
    struct plan *plan =
        read_plan("{\"requests\":{\"per_minute\":60,\"per_day\":null},\"policies\":null}", &faults);
    assert_non_null(plan);
    assert_int_equal(plan->figure[PLAN_REQUESTS_PER_MINUTE], 60);
    assert_true(plan->figure[PLAN_REQUESTS_PER_DAY] == PLAN_UNLIMITED);
    assert_true(plan->figure[PLAN_COST_PER_DAY] == PLAN_UNLIMITED);
    assert_int_equal(plan->figure[PLAN_PRICE_RUN], 0);
    assert_int_equal(plan->figure[PLAN_PRIORITY], 1);
    assert_false(plan->has_ceiling[LIMIT_CPU_MS]);
    assert_true(plan_allows_policy(plan, "anything"));
    assert_string_equal(plan_default_policy(plan), "default");
    plan_unref(plan);
}

static void listed_policies_are_the_only_ones_and_the_first_is_the_default(void **state)
{
    (void)state;
    struct diagnostics faults;
    struct plan *plan =
        read_plan("{\"policies\":[\"strict\",\"default\"],\"ceilings\":{\"cpu_ms\":500}}", &faults);
    assert_true(plan_allows_policy(plan, "default") && plan_allows_policy(plan, "strict"));
    assert_false(plan_allows_policy(plan, "trusted"));
    assert_string_equal(plan_default_policy(plan), "strict");
    assert_true(plan->has_ceiling[LIMIT_CPU_MS]);
    assert_int_equal(plan->ceiling[LIMIT_CPU_MS], 500);
    plan_unref(plan);
}

static void every_fault_is_told_with_its_pointer(void **state)
{
    (void)state;
    static const char *const pointers[] = {"/name",
                                           "/requests/per_minute",
                                           "/requests/per_week",
                                           "/ceilings/cpu",
                                           "/ceilings/cpu_ms",
                                           "/policies",
                                           "/priority",
                                           "/prices_micros",
                                           "/unknown",
                                           "/cost_micros/per_day"};
    struct diagnostics faults;
    assert_null(read_plan("{\"name\":\"silver\",\"requests\":{\"per_minute\":0,\"per_week\":1},"
                          "\"ceilings\":{\"cpu\":1,\"cpu_ms\":-1},\"policies\":[],\"priority\":1.5,"
                          "\"prices_micros\":5,\"unknown\":1,\"cost_micros\":{\"per_day\":\"1\"}}",
                          &faults));
    assert_int_equal(faults.count, sizeof pointers / sizeof *pointers);
    for (size_t i = 0; i < faults.count; i++)
        assert_string_equal(faults.items[i].pointer, pointers[i]);
    diagnostics_free(&faults);
    assert_null(read_plan("[]", &faults));
    diagnostics_free(&faults);
    assert_null(read_plan("{\"priority\":1,\"priority\":2}", &faults));
    diagnostics_free(&faults);
}

static void stock_plans_are_without_fault(void **state)
{
    (void)state;
    for (const struct stock_plan *stock = stock_plans; stock->name != NULL; stock++) {
        struct diagnostics faults;
        diagnostics_init(&faults);
        struct plan *plan = plan_read(stock->name, bytes_of_text(stock->document), &faults);
        assert_non_null(plan);
        plan_unref(plan);
    }
}

static void names_are_short_and_lower_case(void **state)
{
    (void)state;
    char longest[TENANT_ID_SIZE];
    memset(longest, 'a', sizeof longest);
    assert_true(account_name_valid(bytes_of_text("acme-2_b")));
    assert_true(account_name_valid(bytes_of(longest, TENANT_ID_SIZE - 1)));
    assert_false(account_name_valid(bytes_of(longest, TENANT_ID_SIZE)));
    assert_false(account_name_valid(bytes_of_text("")));
    assert_false(account_name_valid(bytes_of_text("Acme")));
    assert_false(account_name_valid(bytes_of_text("-acme")));
    assert_false(account_name_valid(bytes_of_text("a/b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_or_null_bounds_nothing),
        cmocka_unit_test(listed_policies_are_the_only_ones_and_the_first_is_the_default),
        cmocka_unit_test(every_fault_is_told_with_its_pointer),
        cmocka_unit_test(stock_plans_are_without_fault),
        cmocka_unit_test(names_are_short_and_lower_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
