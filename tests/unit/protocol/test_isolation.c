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

static void a_uid_and_a_user_namespace_replace_each_other(void **state)
{
    (void)state;
    struct isolation_report report = {0};
    report.layer[LAYER_DEDICATED_UID].state = LAYER_MISSING;
    report.layer[LAYER_LANDLOCK].state = LAYER_DEGRADED;
    assert_false(isolation_layer_lacks(&report, LAYER_DEDICATED_UID));
    assert_false(isolation_layer_lacks(&report, LAYER_SECCOMP));
    assert_true(isolation_layer_lacks(&report, LAYER_LANDLOCK));
    report.layer[LAYER_USER_NAMESPACE].state = LAYER_MISSING;
    assert_true(isolation_layer_lacks(&report, LAYER_DEDICATED_UID));
    assert_true(isolation_layer_lacks(&report, LAYER_USER_NAMESPACE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_has_a_name_that_leads_back_and_a_purpose),
        cmocka_unit_test(names_are_matched_whole),
        cmocka_unit_test(states_have_names),
        cmocka_unit_test(a_uid_and_a_user_namespace_replace_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
