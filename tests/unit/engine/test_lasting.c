// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/lasting.h"

#include "tests/support/cmocka_all.h"

// kernel/sched/core.c, sched_prio_to_weight, from nice 0 on.
static const unsigned weight_of[] = {1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
                                     110,  87,  70,  56,  45,  36,  29,  23,  18,  15};

static void a_lone_lasting_run_keeps_a_third_of_its_weight(void **state)
{
    (void)state;
    assert_int_equal(lasting_nice(1), 5);
    assert_in_range(weight_of[lasting_nice(1)], 1024 / 4, 1024 / 3);
}

static void the_more_last_the_less_each_gets_and_none_becomes_nicer_than_there_is(void **state)
{
    (void)state;
    for (uint32_t count = 2; count < 100000; count++) {
        assert_true(lasting_nice(count) >= lasting_nice(count - 1));
        assert_true(lasting_nice(count) <= 19);
    }
    assert_int_equal(lasting_nice(UINT32_MAX), 19);
}

static void dozens_that_last_weigh_together_as_two_that_began(void **state)
{
    (void)state;
    unsigned sum = 0;
    for (uint32_t count = 1; count <= 6; count++)
        sum += weight_of[lasting_nice(count)];
    assert_true(sum <= 1024); // as many as one tenant may have on two cores
    for (uint32_t count = 7; count <= 48; count++)
        sum += weight_of[lasting_nice(count)];
    assert_true(sum <= 2 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_lasting_run_keeps_a_third_of_its_weight),
        cmocka_unit_test(the_more_last_the_less_each_gets_and_none_becomes_nicer_than_there_is),
        cmocka_unit_test(dozens_that_last_weigh_together_as_two_that_began),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
