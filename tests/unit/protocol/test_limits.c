// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/limits.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void every_limit_is_found_by_its_name_and_only_by_it(void **state)
{
    (void)state;
    enum run_limit found;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        const char *name = run_limit_table[i].name;
        assert_true(run_limit_by_name(name, strlen(name), &found));
        assert_int_equal(found, i);
        assert_false(run_limit_by_name(name, strlen(name) - 1, &found));
    }
    assert_false(run_limit_by_name("", 0, &found));
}

static void names_end_in_their_unit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        const struct run_limit_info *info = &run_limit_table[i];
        const char *end = strrchr(info->name, '_');
        assert_int_equal(info->unit == UNIT_MS, end != NULL && strcmp(end, "_ms") == 0);
        assert_int_equal(info->unit == UNIT_BYTES, end != NULL && strcmp(end, "_bytes") == 0);
    }
}

static void bounds_are_checked_at_both_ends(void **state)
{
    (void)state;
    struct run_limits limits;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        limits.value[i] = run_limit_table[i].minimum;
    assert_true(run_limits_valid(&limits));
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        const struct run_limit_info *info = &run_limit_table[i];
        limits.value[i] = info->maximum;
        assert_true(run_limits_valid(&limits));
        limits.value[i] = info->maximum + 1;
        assert_false(run_limits_valid(&limits));
        limits.value[i] = 0;
        assert_int_equal(run_limits_valid(&limits), info->zero_is_unlimited || info->minimum == 0);
        limits.value[i] = info->minimum;
    }
}

static void only_instructions_may_be_unlimited(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        assert_int_equal(run_limit_table[i].zero_is_unlimited, i == LIMIT_INSTRUCTIONS);
}

static void origins_have_names(void **state)
{
    (void)state;
    assert_string_equal(limit_origin_name(ORIGIN_POLICY), "policy");
    assert_string_equal(limit_origin_name(ORIGIN_PLAN), "plan");
    assert_string_equal(limit_origin_name(ORIGIN_PLUGIN), "plugin");
    assert_string_equal(limit_origin_name(ORIGIN_REQUEST), "request");
}

static void a_validation_has_room_for_its_diagnostics(void **state)
{
    (void)state;
    struct run_limits limits;
    limits_for_validation(&limits);
    assert_int_equal(limits.value[LIMIT_OUTPUT_BYTES], 1 << 20);
    assert_int_equal(limits.value[LIMIT_INSTRUCTIONS], 0);
    assert_true(run_limits_valid(&limits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_is_found_by_its_name_and_only_by_it),
        cmocka_unit_test(names_end_in_their_unit),
        cmocka_unit_test(bounds_are_checked_at_both_ends),
        cmocka_unit_test(only_instructions_may_be_unlimited),
        cmocka_unit_test(origins_have_names),
        cmocka_unit_test(a_validation_has_room_for_its_diagnostics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
