// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/isolation.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void every_layer_has_a_name_that_leads_back_and_a_purpose(void **state)
{
    (void)state;
    for (int i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        const char *name = isolation_layer_name((enum isolation_layer)i);
        enum isolation_layer found;
        assert_true(isolation_layer_by_name(name, strlen(name), &found));
        assert_int_equal(found, i);
        assert_true(strlen(isolation_layer_purpose((enum isolation_layer)i)) > 0);
    }
}

static void names_are_matched_whole(void **state)
{
    (void)state;
    enum isolation_layer found = LAYER_RLIMITS;
    assert_false(isolation_layer_by_name("seccom", 6, &found));
    assert_false(isolation_layer_by_name("seccompx", 8, &found));
    assert_false(isolation_layer_by_name("", 0, &found));
    assert_int_equal(found, LAYER_RLIMITS);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(layer_state_name(LAYER_ACTIVE), "active");
    assert_string_equal(layer_state_name(LAYER_DEGRADED), "degraded");
    assert_string_equal(layer_state_name(LAYER_MISSING), "missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_has_a_name_that_leads_back_and_a_purpose),
        cmocka_unit_test(names_are_matched_whole),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
