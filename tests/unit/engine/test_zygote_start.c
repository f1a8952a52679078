// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <string.h>

static const struct {
    const char *policy;
    const char *reason; // a part of the error's text
} table[] = {
    {"refuses", "no namespaces here"},
    {"dies_at_start", "ended before it was ready"},
    {"mumbles", "malformed"},
    {"never_ready", "not ready in time"},
};

static void a_zygote_that_does_not_get_ready_is_an_error_that_says_why(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct policy *policy = fixture_policy(table[i].policy);
        struct error err = {0};
        assert_false(engine_set_policy(fixture.engine, policy, 300, &err));
        if (strstr(err.text, table[i].reason) == NULL || strstr(err.text, table[i].policy) == NULL)
            fail_msg("%s: %s", table[i].policy, err.text);
        assert_null(engine_policy(fixture.engine, table[i].policy));
        policy_unref(policy);
    }
    fixture_stop(&fixture);
}

static void a_missing_executable_is_named(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = "/nonexistent/sandbox-zygote"});
    struct policy *policy = fixture_policy("plain");
    struct error err = {0};
    assert_false(engine_set_policy(fixture.engine, policy, 1000, &err));
    assert_non_null(strstr(err.text, "/nonexistent/sandbox-zygote"));
    assert_non_null(strstr(err.text, "No such file"));
    policy_unref(policy);
    fixture_stop(&fixture);
}

static void a_zygote_that_waits_for_its_policy_tells_of_its_start_as_any_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fixture fixture;
        fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .one_run = true});
        struct policy *policy = fixture_policy(table[i].policy);
        struct error err = {0};
        assert_false(engine_set_policy(fixture.engine, policy, 300, &err));
        if (strstr(err.text, table[i].reason) == NULL || strstr(err.text, table[i].policy) == NULL)
            fail_msg("%s: %s", table[i].policy, err.text);
        policy_unref(policy);
        fixture_stop(&fixture);
    }
}

static void a_zygote_that_ends_without_a_policy_is_an_error(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = "/bin/false", .one_run = true});
    struct policy *policy = fixture_policy("plain");
    struct error err = {0};
    assert_false(engine_set_policy(fixture.engine, policy, 60000, &err));
    // Before or after it was told: whichever came first.
    assert_non_null(strstr(err.text, "the zygote ended before"));
    policy_unref(policy);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_zygote_that_does_not_get_ready_is_an_error_that_says_why),
                  cmocka_unit_test(a_missing_executable_is_named),
                  cmocka_unit_test(a_zygote_that_waits_for_its_policy_tells_of_its_start_as_any_other),
                  cmocka_unit_test(a_zygote_that_ends_without_a_policy_is_an_error), )
