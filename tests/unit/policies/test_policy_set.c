// SPDX-License-Identifier: Apache-2.0
// The stock policies, and documents that extend each other.
#include "tests/support/cmocka_all.h"

#include "policies/policy_set.h"

#include <stdio.h>
#include <string.h>

static struct policy_set *load_stock(void)
{
    struct diagnostics diagnostics;
    struct error err = {0};
    diagnostics_init(&diagnostics);
    struct policy_set *set = policy_set_load(STOCK_POLICIES, &diagnostics, &err);
    for (size_t i = 0; i < diagnostics.count; i++)
        print_message("%s:%u:%u: %s\n", diagnostics.items[i].file, diagnostics.items[i].line,
                      diagnostics.items[i].column, diagnostics.items[i].message);
    if (!set)
        print_message("%s\n", err.text);
    diagnostics_free(&diagnostics);
    assert_non_null(set);
    return set;
}

static bool allows(const struct policy *policy, const char *name)
{
    bool named[LUA_NAME_COUNT] = {0};
    assert_true(lua_names_select(name, strlen(name), named, true) > 0);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        if (named[i] && !policy->lua_allowed[i])
            return false;
    return true;
}

static void stock_policies_are_the_five(void **state)
{
    (void)state;
    static const char *const names[] = {"audit", "base", "default", "strict", "trusted"};
    struct policy_set *set = load_stock();
    assert_int_equal(policy_set_count(set), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(policy_set_at(set, i)->name, names[i]);
        assert_ptr_equal(policy_set_find(set, names[i]), policy_set_at(set, i));
        assert_ptr_equal(policy_set_items(set)[i], policy_set_at(set, i));
    }
    assert_null(policy_set_find(set, "defaul"));
    policy_set_free(set);
}

static void default_has_the_promised_limits(void **state)
{
    (void)state;
    struct policy_set *set = load_stock();
    const struct policy *policy = policy_set_find(set, "default");
    assert_int_equal(policy->limits.value[LIMIT_WALL_MS], 30000);
    assert_int_equal(policy->limits.value[LIMIT_CPU_MS], 10000);
    assert_int_equal(policy->limits.value[LIMIT_MEMORY_BYTES], 256 << 20);
    assert_int_equal(policy->limits.value[LIMIT_INSTRUCTIONS], 0);
    assert_int_equal(policy->limits.value[LIMIT_OUTPUT_BYTES], 1 << 20);
    assert_int_equal(policy->limits.value[LIMIT_LOG_BYTES], 64 << 10);
    assert_int_equal(policy->limits.value[LIMIT_CODE_BYTES], 256 << 10);
    assert_int_equal(policy->limits.value[LIMIT_CONTEXT_BYTES], 1 << 20);
    assert_int_equal(policy->limits.value[LIMIT_JSON_DEPTH], 64);
    assert_int_equal(policy->ceilings.value[LIMIT_CPU_MS], 20000);
    assert_int_equal(policy->ceilings.value[LIMIT_WALL_MS], 30000);
    assert_false(policy->deterministic);
    assert_int_equal(policy->seccomp_mode, SECCOMP_MODE_ENFORCE_CALLS);
    assert_int_equal(policy->allowed_syscall_count, 0);
    assert_int_equal(policy->idle_workers, 2);
    assert_int_equal(policy->max_concurrency, 32);
    assert_true(policy->required_layers & (1U << LAYER_SECCOMP));
    assert_true(policy->required_layers & (1U << LAYER_NETWORK_NAMESPACE));
    policy_set_free(set);
}

static void strict_is_short_small_and_deterministic(void **state)
{
    (void)state;
    struct policy_set *set = load_stock();
    const struct policy *policy = policy_set_find(set, "strict");
    assert_int_equal(policy->limits.value[LIMIT_CPU_MS], 100);
    assert_int_equal(policy->limits.value[LIMIT_WALL_MS], 1000);
    assert_int_equal(policy->limits.value[LIMIT_MEMORY_BYTES], 16 << 20);
    assert_int_equal(policy->limits.value[LIMIT_INSTRUCTIONS], 10000000);
    assert_true(policy->deterministic);
    policy_set_free(set);
}

static void load_is_given_to_trusted_alone(void **state)
{
    (void)state;
    struct policy_set *set = load_stock();
    for (size_t i = 0; i < policy_set_count(set); i++) {
        const struct policy *policy = policy_set_at(set, i);
        assert_int_equal(allows(policy, "load"), strcmp(policy->name, "trusted") == 0);
        assert_true(allows(policy, "pcall"));
        assert_true(allows(policy, "string.rep"));
        assert_true(allows(policy, "os.difftime"));
    }
    policy_set_free(set);
}

static void audit_differs_from_default_in_its_mode(void **state)
{
    (void)state;
    struct policy_set *set = load_stock();
    const struct policy *audit = policy_set_find(set, "audit"), *standard = policy_set_find(set, "default");
    assert_int_equal(audit->seccomp_mode, SECCOMP_MODE_AUDIT_CALLS);
    assert_memory_equal(&audit->limits, &standard->limits, sizeof audit->limits);
    assert_memory_equal(&audit->ceilings, &standard->ceilings, sizeof audit->ceilings);
    assert_memory_equal(audit->lua_allowed, standard->lua_allowed, sizeof audit->lua_allowed);
    assert_int_equal(audit->required_layers, standard->required_layers);
    policy_set_free(set);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct error err = {0};
    diagnostics_init(&diagnostics);
    assert_null(policy_set_load(STOCK_POLICIES "/nowhere", &diagnostics, &err));
    assert_int_equal(diagnostics.count, 0);
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_non_null(strstr(err.text, "nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stock_policies_are_the_five),
        cmocka_unit_test(default_has_the_promised_limits),
        cmocka_unit_test(strict_is_short_small_and_deterministic),
        cmocka_unit_test(load_is_given_to_trusted_alone),
        cmocka_unit_test(audit_differs_from_default_in_its_mode),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
