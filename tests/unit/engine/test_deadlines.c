// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/deadlines.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>

enum { TIMERS = 500 };

static void deadlines_come_out_in_order_after_random_changes(void **state)
{
    (void)state;
    static struct timer timers[TIMERS];
    struct deadlines deadlines = {0};
    assert_true(deadlines_reserve(&deadlines, TIMERS));
    srandom(7);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < TIMERS; i++)
            deadlines_set(&deadlines, &timers[i], 1 + (uint64_t)random() % 1000);
        for (int i = 0; i < TIMERS; i++) {
            struct timer *timer = &timers[random() % TIMERS];
            if (random() % 2 == 0)
                deadlines_clear(&deadlines, timer);
            else
                deadlines_set(&deadlines, timer, 1 + (uint64_t)random() % 1000);
        }
        size_t left = deadlines.count;
        uint64_t last_ns = 0;
        struct timer *timer;
        while ((timer = deadlines_take_due(&deadlines, 1000)) != NULL) {
            assert_true(timer->at_ns >= last_ns);
            assert_int_equal(timer->position, 0);
            last_ns = timer->at_ns;
            left--;
        }
        assert_int_equal(left, 0);
        assert_int_equal(deadlines_first_ns(&deadlines), UINT64_MAX);
    }
    deadlines_deinit(&deadlines);
}

static void a_deadline_is_not_due_before_its_time(void **state)
{
    (void)state;
    struct deadlines deadlines = {0};
    struct timer timer = {0};
    assert_true(deadlines_reserve(&deadlines, 1));
    deadlines_set(&deadlines, &timer, 100);
    assert_null(deadlines_take_due(&deadlines, 99));
    assert_ptr_equal(deadlines_take_due(&deadlines, 100), &timer);
    deadlines_clear(&deadlines, &timer);
    deadlines_deinit(&deadlines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_come_out_in_order_after_random_changes),
        cmocka_unit_test(a_deadline_is_not_due_before_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
