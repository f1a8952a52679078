// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

#include "base/syscall_names.h"

#include <stdio.h>
#include <string.h>

static bool lua(const struct policy *policy, const char *name)
{
    bool named[LUA_NAME_COUNT] = {0};
    assert_int_equal(lua_names_select(name, strlen(name), named, true), 1);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        if (named[i])
            return policy->lua_allowed[i];
    return false;
}

static void a_member_that_is_not_written_is_inherited(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"gold\", \"extends\": \"default\", \"limits\": {\"cpu_ms\": \"15s\"}}",
        "{\"name\": \"golder\", \"extends\": \"gold\", \"scheduling\": {\"idle_workers\": 0}}"};
    struct policy_set *set = fixture_good_set(texts, 2);
    const struct policy *policy = policy_set_find(set, "golder");
    assert_int_equal(policy->limits.value[LIMIT_CPU_MS], 15000);
    assert_int_equal(policy->limits.value[LIMIT_WALL_MS], 30000);
    assert_int_equal(policy->ceilings.value[LIMIT_CPU_MS], 20000);
    assert_int_equal(policy->idle_workers, 0);
    assert_int_equal(policy->max_concurrency, 32);
    assert_null(policy->description); // of its own, or none
    policy_set_free(set);
}

static void a_limit_without_a_ceiling_can_only_be_lowered(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"gold\", \"extends\": \"base\", \"limits\": {\"memory_bytes\": \"64MiB\"}}"};
    struct policy_set *set = fixture_good_set(texts, 1);
    const struct policy *policy = policy_set_find(set, "gold");
    assert_int_equal(policy->ceilings.value[LIMIT_MEMORY_BYTES], 64 << 20);
    policy_set_free(set);
}

static void allowed_names_add_to_those_inherited_and_denied_ones_go(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"base\", \"lua\": {\"deny\": [\"string.rep\", \"os\"]}}",
        "{\"name\": \"b\", \"extends\": \"a\", \"lua\": {\"allow\": [\"load\", \"os.time\"]}}",
        "{\"name\": \"c\", \"extends\": \"b\", \"lua\": {\"allow\": [\"string\"], \"deny\": "
        "[\"string.format\"]}}"};
    struct policy_set *set = fixture_good_set(texts, 3);
    const struct policy *a = policy_set_find(set, "a"), *b = policy_set_find(set, "b"),
                        *c = policy_set_find(set, "c");
    assert_false(lua(a, "string.rep"));
    assert_false(lua(a, "os.time"));
    assert_true(lua(a, "string.format"));
    assert_false(lua(b, "string.rep"));
    assert_true(lua(b, "os.time"));
    assert_false(lua(b, "os.clock"));
    assert_true(lua(b, "load"));
    assert_true(lua(c, "string.rep"));
    assert_false(lua(c, "string.format"));
    assert_true(lua(c, "load"));
    policy_set_free(set);
}

static void allowed_system_calls_add_up_sorted_and_each_once(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"base\", \"seccomp\": {\"allow\": [\"getrandom\", \"getpid\"]}}",
        "{\"name\": \"b\", \"extends\": \"a\", \"seccomp\": {\"allow\": [\"gettid\", \"getpid\"]}}"};
    struct policy_set *set = fixture_good_set(texts, 2);
    const struct policy *b = policy_set_find(set, "b");
    assert_int_equal(b->allowed_syscall_count, 3);
    for (uint32_t i = 1; i < b->allowed_syscall_count; i++)
        assert_true(b->allowed_syscalls[i - 1] < b->allowed_syscalls[i]);
    policy_set_free(set);
}

static void too_many_inherited_system_calls_are_a_fault(void **state)
{
    (void)state;
    // 60 calls that may be allowed, then 10 more.
    char first[4096] = "{\"name\": \"a\", \"extends\": \"base\", \"seccomp\": {\"allow\": [";
    char second[4096] = "{\"name\": \"b\", \"extends\": \"a\", \"seccomp\": {\"allow\": [";
    unsigned count = 0;
    for (size_t i = 0; i < syscall_names_count() && count < 70; i++) {
        const char *list[] = {"{\"name\": \"t\", \"extends\": \"base\", \"seccomp\": {\"allow\": [\"%s\"]}}"};
        char text[256];
        snprintf(text, sizeof text,
                 "{\"name\": \"t\", \"extends\": \"base\", \"seccomp\": {\"allow\": [\"%s\"]}}",
                 syscall_names_at(i));
        list[0] = text;
        struct diagnostics diagnostics;
        struct policy_set *set = fixture_set(list, 1, &diagnostics);
        diagnostics_free(&diagnostics);
        if (!set)
            continue;
        policy_set_free(set);
        char *to = count < 60 ? first : second;
        snprintf(to + strlen(to), 64, "%s\"%s\"", count == 0 || count == 60 ? "" : ", ", syscall_names_at(i));
        count++;
    }
    assert_int_equal(count, 70);
    strcat(first, "]}}");
    strcat(second, "]}}");
    const char *const texts[] = {first, second};
    struct diagnostics diagnostics;
    assert_null(fixture_set(texts, 2, &diagnostics));
    assert_int_equal(diagnostics.count, 1);
    assert_string_equal(diagnostics.items[0].file, "2.json");
    assert_string_equal(diagnostics.items[0].pointer, "/seccomp/allow");
    diagnostics_free(&diagnostics);
}

static void required_layers_can_only_grow(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"base\", \"isolation\": {\"require\": [\"landlock\"]}}",
        "{\"name\": \"b\", \"extends\": \"a\", \"isolation\": {\"require\": []}}"};
    struct policy_set *set = fixture_good_set(texts, 2);
    const struct policy *base = policy_set_find(set, "base"), *b = policy_set_find(set, "b");
    assert_int_equal(b->required_layers, base->required_layers | (1U << LAYER_LANDLOCK));
    policy_set_free(set);
}

static void a_limit_above_an_inherited_ceiling_is_told_once_where_it_is_written(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"default\",\n \"limits\": {\"cpu_ms\": \"30s\"}}",
        "{\"name\": \"b\", \"extends\": \"a\"}"};
    struct diagnostics diagnostics;
    assert_null(fixture_set(texts, 2, &diagnostics));
    assert_int_equal(diagnostics.count, 1);
    assert_string_equal(diagnostics.items[0].file, "1.json");
    assert_int_equal(diagnostics.items[0].line, 2);
    diagnostics_free(&diagnostics);
}

static void children_of_a_faulty_document_are_not_blamed_for_it(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"name\": \"a\", \"extends\": \"base\", \"limits\": 5}",
                                        "{\"name\": \"b\", \"extends\": \"a\"}"};
    struct diagnostics diagnostics;
    assert_null(fixture_set(texts, 2, &diagnostics));
    assert_int_equal(diagnostics.count, 1);
    assert_string_equal(diagnostics.items[0].file, "1.json");
    diagnostics_free(&diagnostics);
}

static void no_instruction_limit_is_more_than_any(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"name\": \"a\", \"extends\": \"base\", \"limits\": "
                                        "{\"instructions\": 5}, \"ceilings\": {\"instructions\": 0}}"};
    struct policy_set *set = fixture_good_set(texts, 1);
    const struct policy *a = policy_set_find(set, "a");
    assert_int_equal(a->limits.value[LIMIT_INSTRUCTIONS], 5);
    assert_int_equal(a->ceilings.value[LIMIT_INSTRUCTIONS], 0);
    policy_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_that_is_not_written_is_inherited),
        cmocka_unit_test(a_limit_without_a_ceiling_can_only_be_lowered),
        cmocka_unit_test(allowed_names_add_to_those_inherited_and_denied_ones_go),
        cmocka_unit_test(allowed_system_calls_add_up_sorted_and_each_once),
        cmocka_unit_test(too_many_inherited_system_calls_are_a_fault),
        cmocka_unit_test(required_layers_can_only_grow),
        cmocka_unit_test(a_limit_above_an_inherited_ceiling_is_told_once_where_it_is_written),
        cmocka_unit_test(children_of_a_faulty_document_are_not_blamed_for_it),
        cmocka_unit_test(no_instruction_limit_is_more_than_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
