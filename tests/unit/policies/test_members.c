// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "policies/members.h"

#include <string.h>

static void every_row_is_filled_in(void **state)
{
    (void)state;
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        const struct policy_member_info *info = &policy_member_table[i];
        assert_non_null(info->pointer);
        assert_int_equal(info->pointer[0], '/');
        assert_non_null(info->purpose);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(info->pointer, policy_member_table[j].pointer);
    }
}

static void limits_and_ceilings_follow_the_limit_table(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        assert_int_equal(policy_member_limit(MEMBER_LIMIT_FIRST + i), i);
        assert_int_equal(policy_member_limit(MEMBER_CEILING_FIRST + i), i);
        assert_string_equal(policy_member_name(MEMBER_LIMIT_FIRST + i), run_limit_table[i].name);
        assert_string_equal(policy_member_name(MEMBER_CEILING_FIRST + i), run_limit_table[i].name);
        assert_true(policy_member_inside(MEMBER_LIMIT_FIRST + i, MEMBER_LIMITS));
        assert_true(policy_member_inside(MEMBER_CEILING_FIRST + i, MEMBER_CEILINGS));
        assert_false(policy_member_inside(MEMBER_LIMIT_FIRST + i, POLICY_MEMBER_COUNT));
    }
}

static void members_are_found_in_their_section_only(void **state)
{
    (void)state;
    enum policy_member member;
    assert_true(policy_member_find(POLICY_MEMBER_COUNT, bytes_of_text("lua"), &member));
    assert_int_equal(member, MEMBER_LUA);
    assert_true(policy_member_find(MEMBER_SECCOMP, bytes_of_text("allow"), &member));
    assert_int_equal(member, MEMBER_SECCOMP_ALLOW);
    assert_false(policy_member_find(POLICY_MEMBER_COUNT, bytes_of_text("allow"), &member));
    assert_false(policy_member_find(MEMBER_LUA, bytes_of("allow", 6), &member)); // with its NUL
    assert_false(policy_member_find(MEMBER_LUA, bytes_of_text(""), &member));
}

static void names_of_policies_are_short_and_plain(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "default", "a-b_c-9"};
    static const char *const bad[] = {"", "A", "9a", "-a", "_a", "a b", "a.b", "a/b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(policy_name_valid(bytes_of_text(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(policy_name_valid(bytes_of_text(bad[i])));
    char longest[65];
    memset(longest, 'a', sizeof longest);
    assert_true(policy_name_valid(bytes_of(longest, 64)));
    assert_false(policy_name_valid(bytes_of(longest, 65)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_filled_in),
        cmocka_unit_test(limits_and_ceilings_follow_the_limit_table),
        cmocka_unit_test(members_are_found_in_their_section_only),
        cmocka_unit_test(names_of_policies_are_short_and_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
