// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/outcome.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void every_outcome_has_a_name_that_leads_back(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome found;
        assert_true(outcome_by_name(outcome_name((enum outcome)i), &found));
        assert_int_equal(found, i);
    }
    enum outcome found = OUTCOME_CRASHED;
    assert_false(outcome_by_name("OK", &found));
    assert_false(outcome_by_name("", &found));
    assert_int_equal(found, OUTCOME_CRASHED);
}

static void every_failure_has_an_owner(void **state)
{
    (void)state;
    assert_null(outcome_owner_name(OUTCOME_OK));
    for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++)
        assert_non_null(outcome_owner_name((enum outcome)i));
    assert_string_equal(outcome_owner_name(OUTCOME_CPU_LIMIT), "plugin");
    assert_string_equal(outcome_owner_name(OUTCOME_CANCELLED), "caller");
    assert_string_equal(outcome_owner_name(OUTCOME_INTERNAL_ERROR), "host");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_a_name_that_leads_back),
        cmocka_unit_test(every_failure_has_an_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
