// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/trace/sampler.h"

#include <string.h>

static bool keeps(enum trace_sampler sampler, double ratio, const char *trace_id, int parent)
{
    struct trace_settings settings = {.sampler = sampler, .ratio = ratio};
    struct trace_context trace = {.has_parent = parent >= 0, .caller.sampled = parent > 0};
    memcpy(trace.trace_id, trace_id, TRACE_ID_SIZE + 1);
    return sampler_keeps(&settings, &trace);
}

#define HEAD "ffffffffffffffffff"
#define NONE (-1)

static void ratio_looks_at_the_last_56_bits(void **state)
{
    (void)state;
    assert_true(keeps(SAMPLER_RATIO, 0.5, HEAD "80000000000000", NONE));
    assert_false(keeps(SAMPLER_RATIO, 0.5, HEAD "7fffffffffffff", NONE));
    assert_true(keeps(SAMPLER_RATIO, 1, HEAD "00000000000000", NONE));
    assert_false(keeps(SAMPLER_RATIO, 0, HEAD "ffffffffffffff", NONE));
    assert_true(keeps(SAMPLER_RATIO, 0.1, HEAD "f0000000000000", NONE));
}

static void parent_decides_where_the_sampler_is_based_on_it(void **state)
{
    (void)state;
    const char *low = HEAD "00000000000001", *high = HEAD "fffffffffffffe";
    assert_true(keeps(SAMPLER_PARENT_RATIO, 0, low, 1));
    assert_false(keeps(SAMPLER_PARENT_RATIO, 1, high, 0));
    assert_true(keeps(SAMPLER_PARENT_RATIO, 0.5, high, NONE));
    assert_false(keeps(SAMPLER_PARENT_RATIO, 0.5, low, NONE));
    assert_false(keeps(SAMPLER_PARENT_ALWAYS_ON, 1, high, 0));
    assert_true(keeps(SAMPLER_PARENT_ALWAYS_ON, 1, low, NONE));
    assert_true(keeps(SAMPLER_PARENT_ALWAYS_OFF, 1, low, 1));
    assert_false(keeps(SAMPLER_PARENT_ALWAYS_OFF, 1, low, NONE));
}

static void other_samplers_do_not_ask_the_parent(void **state)
{
    (void)state;
    const char *low = HEAD "00000000000001";
    assert_true(keeps(SAMPLER_ALWAYS_ON, 0, low, 0));
    assert_false(keeps(SAMPLER_ALWAYS_OFF, 1, low, 1));
    assert_false(keeps(SAMPLER_RATIO, 0.5, low, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratio_looks_at_the_last_56_bits),
        cmocka_unit_test(parent_decides_where_the_sampler_is_based_on_it),
        cmocka_unit_test(other_samplers_do_not_ask_the_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
