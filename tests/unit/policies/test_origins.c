// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

#include "policies/origins.h"

#include <string.h>

static void every_value_knows_its_document(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    const struct policy *audit = policy_set_find(set, "audit");
    assert_string_equal(policy_origin(audit, MEMBER_LIMIT_FIRST + LIMIT_WALL_MS), "base");
    assert_string_equal(policy_origin(audit, MEMBER_CEILING_FIRST + LIMIT_CPU_MS), "default");
    assert_string_equal(policy_origin(audit, MEMBER_SECCOMP_MODE), "audit");
    assert_int_equal(audit->origins->document_count, 3);
    assert_string_equal(audit->origins->documents[0], "base");
    assert_string_equal(audit->origins->documents[2], "audit");
    policy_set_free(set);
}

static void a_ceiling_nobody_set_follows_its_limit(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    const struct policy *strict = policy_set_find(set, "strict");
    assert_string_equal(policy_origin(strict, MEMBER_CEILING_FIRST + LIMIT_CPU_MS), "strict");
    assert_string_equal(policy_origin(strict, MEMBER_CEILING_FIRST + LIMIT_LOG_BYTES), "base");
    policy_set_free(set);
}

static void list_items_know_who_added_or_took_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"base\", \"seccomp\": {\"allow\": [\"getrandom\"]},"
        " \"isolation\": {\"require\": [\"landlock\", \"seccomp\"]}, \"lua\": {\"deny\": [\"math.ult\"]}}",
        "{\"name\": \"b\", \"extends\": \"a\", \"seccomp\": {\"allow\": [\"getpid\"]}, \"lua\": {\"allow\": "
        "[\"math\"]}}"};
    struct policy_set *set = fixture_good_set(texts, 2);
    const struct policy *a = policy_set_find(set, "a"), *b = policy_set_find(set, "b");
    // getpid has the lower number, and came later.
    assert_string_equal(policy_origin_at(b, b->origins->syscall[0]), "b");
    assert_string_equal(policy_origin_at(b, b->origins->syscall[1]), "a");
    assert_string_equal(policy_origin_at(b, b->origins->layer[LAYER_LANDLOCK]), "a");
    assert_string_equal(policy_origin_at(b, b->origins->layer[LAYER_SECCOMP]), "base");
    assert_null(policy_origin_at(b, b->origins->layer[LAYER_MDWE]));
    assert_string_equal(policy_origin_at(a, a->origins->lua[LUA_NAME_MATH_ULT]), "a");
    assert_string_equal(policy_origin_at(b, b->origins->lua[LUA_NAME_MATH_ULT]), "b");
    assert_string_equal(policy_origin_at(b, b->origins->lua[LUA_NAME_MATH_PI]), "base");
    assert_string_equal(policy_origin_at(b, b->origins->lua[LUA_NAME_BASE_LOAD]), "base"); // who denied it
    policy_set_free(set);
}

static void what_no_document_says_has_no_origin(void **state)
{
    (void)state;
    struct policy policy = {0};
    assert_null(policy_origin(&policy, MEMBER_SECCOMP_MODE));
    assert_null(policy_origin_at(&policy, ORIGIN_NOWHERE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_knows_its_document),
        cmocka_unit_test(a_ceiling_nobody_set_follows_its_limit),
        cmocka_unit_test(list_items_know_who_added_or_took_them),
        cmocka_unit_test(what_no_document_says_has_no_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
