// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

static void a_policy_outlives_its_set_as_long_as_it_is_held(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    struct policy *policy = policy_ref(policy_set_find(set, "default"));
    policy_set_free(set);
    assert_string_equal(policy->name, "default"); // a sanitizer would tell
    assert_int_equal(atomic_load(&policy->references), 1);
    policy_unref(policy);
    policy_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_outlives_its_set_as_long_as_it_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
