// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "runtime/engine/memory_charge.h"

#define MIB (UINT64_C(1) << 20)

static void a_run_is_charged_what_its_worker_may_take(void **state)
{
    (void)state;
    struct run_limits limits = {.value = {[LIMIT_MEMORY_BYTES] = 256 * MIB, [LIMIT_OUTPUT_BYTES] = MIB}};
    assert_int_equal(memory_charge(&limits, 0, false), (6 + 640 + 17 + 3) * MIB);
    assert_int_equal(memory_charge(&limits, 0, true), (6 + 1 + 640 + 17 + 3) * MIB);
    assert_int_equal(memory_charge(&limits, 2 * MIB, false), (6 + 640 + 17 + 3 + 6) * MIB);
    // A call stack can outgrow a small limit by no more than the limit.
    limits.value[LIMIT_MEMORY_BYTES] = 2 * MIB;
    assert_int_equal(memory_charge(&limits, 0, false), (6 + 5 + 2 + 3) * MIB);
    // Never less than the limit itself and what goes in and out.
    limits = (struct run_limits){.value = {[LIMIT_MEMORY_BYTES] = 1}};
    assert_true(memory_charge(&limits, 5, false) > 6);
}

static void a_charge_beyond_all_numbers_is_the_largest(void **state)
{
    (void)state;
    struct run_limits limits = {.value = {[LIMIT_MEMORY_BYTES] = UINT64_MAX - 1}};
    assert_true(memory_charge(&limits, 0, false) == UINT64_MAX);
    limits = (struct run_limits){.value = {[LIMIT_MEMORY_BYTES] = MIB}};
    assert_true(memory_charge(&limits, UINT64_MAX, false) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_charged_what_its_worker_may_take),
        cmocka_unit_test(a_charge_beyond_all_numbers_is_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
