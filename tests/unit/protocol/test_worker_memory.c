// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "runtime/protocol/worker_memory.h"

#define MIB (UINT64_C(1) << 20)

static void worker_memory_is_limit_holes_stack_and_what_goes_in_and_out(void **state)
{
    (void)state;
    struct run_limits limits = {.value = {[LIMIT_MEMORY_BYTES] = 256 * MIB, [LIMIT_OUTPUT_BYTES] = MIB}};
    assert_int_equal(worker_memory_max(&limits, 0, false), (6 + 640 + 17 + 3) * MIB);
    assert_int_equal(worker_memory_max(&limits, 0, true), (6 + 1 + 640 + 17 + 3) * MIB);
    assert_int_equal(worker_memory_max(&limits, 2 * MIB, false), (6 + 640 + 17 + 3 + 6) * MIB);
    assert_int_equal(worker_address_space_max(&limits, 0, false), (16 + 6 + 640 + 17 + 3) * MIB);
    // A call stack can outgrow a small limit by no more than the limit.
    limits.value[LIMIT_MEMORY_BYTES] = 2 * MIB;
    assert_int_equal(worker_memory_max(&limits, 0, false), (6 + 5 + 2 + 3) * MIB);
    // Never less than the limit itself and what goes in and out.
    limits = (struct run_limits){.value = {[LIMIT_MEMORY_BYTES] = 1}};
    assert_true(worker_memory_max(&limits, 5, false) > 6);
}

static void worker_memory_beyond_all_numbers_is_the_largest(void **state)
{
    (void)state;
    struct run_limits limits = {.value = {[LIMIT_MEMORY_BYTES] = UINT64_MAX - 1}};
    assert_true(worker_memory_max(&limits, 0, false) == UINT64_MAX);
    limits = (struct run_limits){.value = {[LIMIT_MEMORY_BYTES] = MIB}};
    assert_true(worker_memory_max(&limits, UINT64_MAX, false) == UINT64_MAX);
    assert_true(worker_address_space_max(&limits, UINT64_MAX, false) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_memory_is_limit_holes_stack_and_what_goes_in_and_out),
        cmocka_unit_test(worker_memory_beyond_all_numbers_is_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
