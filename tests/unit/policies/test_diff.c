// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

#include "policies/diff.h"

#include <string.h>

static const char *const before_and_after[] = {
    "{\"name\": \"a\", \"extends\": \"base\", \"seccomp\": {\"allow\": [\"getpid\"]}}",
    "{\"name\": \"b\", \"extends\": \"base\", \"description\": \"new\","
    " \"limits\": {\"memory_bytes\": \"64MiB\", \"instructions\": 1000, \"wall_ms\": \"1min\"}, "
    "\"ceilings\": {\"cpu_ms\": \"20s\"},"
    " \"lua\": {\"allow\": [\"load\"], \"deny\": [\"string.rep\"], \"deterministic\": true},"
    " \"seccomp\": {\"mode\": \"audit\", \"allow\": [\"gettid\"]}, \"isolation\": {\"require\": "
    "[\"landlock\"]},"
    " \"scheduling\": {\"idle_workers\": 5}}"};

static const struct policy_change *find(const struct policy_changes *changes, enum policy_member member,
                                        const char *item)
{
    for (size_t i = 0; i < changes->count; i++)
        if (changes->items[i].member == member &&
            (!item || (changes->items[i].item && strcmp(changes->items[i].item, item) == 0)))
            return &changes->items[i];
    fail_msg("no change of %s %s", policy_member_table[member].pointer, item ? item : "");
    return NULL;
}

static void assert_change(const struct policy_changes *changes, enum policy_member member, const char *item,
                          enum change_effect effect, const char *words)
{
    const struct policy_change *change = find(changes, member, item);
    assert_string_equal(change->words, words);
    assert_int_equal(change->effect, effect);
}

static void a_difference_is_told_member_by_member_in_words(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(before_and_after, 2);
    struct policy_changes changes;
    assert_true(policy_diff(policy_set_find(set, "a"), policy_set_find(set, "b"), &changes, NULL));
    assert_change(&changes, MEMBER_LIMIT_FIRST + LIMIT_MEMORY_BYTES, NULL, CHANGE_TIGHTER,
                  "memory 256 MiB → 64 MiB");
    assert_change(&changes, MEMBER_LIMIT_FIRST + LIMIT_WALL_MS, NULL, CHANGE_LOOSER,
                  "wall-clock time 30 s → 1 min");
    assert_change(&changes, MEMBER_LIMIT_FIRST + LIMIT_INSTRUCTIONS, NULL, CHANGE_TIGHTER,
                  "instructions no limit → 1,000");
    assert_change(&changes, MEMBER_CEILING_FIRST + LIMIT_CPU_MS, NULL, CHANGE_LOOSER,
                  "ceiling of CPU time 10 s → 20 s");
    assert_change(&changes, MEMBER_LUA_ALLOW, "load", CHANGE_LOOSER, "load is given to plugins");
    assert_change(&changes, MEMBER_LUA_ALLOW, "string.rep", CHANGE_TIGHTER,
                  "string.rep is taken away from plugins");
    assert_change(&changes, MEMBER_LUA_DETERMINISTIC, NULL, CHANGE_OTHER, "deterministic false → true");
    assert_change(&changes, MEMBER_SECCOMP_MODE, NULL, CHANGE_LOOSER, "seccomp mode enforce → audit");
    assert_change(&changes, MEMBER_SECCOMP_ALLOW, "getpid", CHANGE_TIGHTER,
                  "getpid is no longer an allowed system call");
    assert_change(&changes, MEMBER_SECCOMP_ALLOW, "gettid", CHANGE_LOOSER,
                  "gettid becomes an allowed system call");
    assert_change(&changes, MEMBER_ISOLATION_REQUIRE, "landlock", CHANGE_TIGHTER,
                  "landlock becomes a required isolation layer");
    assert_change(&changes, MEMBER_IDLE_WORKERS, NULL, CHANGE_OTHER, "idle workers 2 → 5");
    assert_change(&changes, MEMBER_DESCRIPTION, NULL, CHANGE_OTHER, "the description is reworded");
    assert_int_equal(changes.count, 13);
    policy_changes_free(&changes);
    policy_set_free(set);
}

static void policies_that_are_the_same_do_not_differ(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    struct policy_changes changes;
    const struct policy *policy = policy_set_find(set, "default");
    assert_true(policy_diff(policy, policy, &changes, NULL));
    assert_int_equal(changes.count, 0);
    policy_changes_free(&changes);
    policy_set_free(set);
}

static void of_a_new_policy_every_value_is_new(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    struct policy_changes changes;
    assert_true(policy_diff(NULL, policy_set_find(set, "default"), &changes, NULL));
    const struct policy_change *change = find(&changes, MEMBER_LIMIT_FIRST + LIMIT_CPU_MS, NULL);
    assert_null(change->before);
    assert_string_equal(change->after, "10 s");
    assert_string_equal(change->words, "CPU time 10 s");
    assert_int_equal(change->effect, CHANGE_OTHER);
    policy_changes_free(&changes);
    policy_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_is_told_member_by_member_in_words),
        cmocka_unit_test(policies_that_are_the_same_do_not_differ),
        cmocka_unit_test(of_a_new_policy_every_value_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
