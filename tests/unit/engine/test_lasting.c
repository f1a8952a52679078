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

static void a_quarter_of_the_cores_is_kept_and_one_at_least(void **state)
{
    (void)state;
    static const struct {
        uint32_t cores, kept;
    } rows[] = {{0, 0}, {1, 0}, {2, 1}, {3, 1}, {4, 1}, {7, 1}, {8, 2}, {16, 4}, {63, 15}, {64, 16}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(lasting_kept_cores(rows[i].cores), rows[i].kept);
}

static void there_is_room_for_two_young_runs_on_a_kept_core(void **state)
{
    (void)state;
    assert_true(lasting_has_room(1, 0));
    assert_true(lasting_has_room(1, 2));
    assert_false(lasting_has_room(1, 3));
    assert_true(lasting_has_room(4, 8));
    assert_false(lasting_has_room(4, 9));
    assert_true(lasting_has_room(UINT32_MAX, UINT32_MAX));
}

enum { A = 1, B, C };

// Who asks when, and for whom that is somebody else at `now`. A time of 0 ends the list.
static void somebody_else_asks_as_long_as_a_short_run_of_theirs_is_recent(void **state)
{
    (void)state;
    static const struct {
        struct {
            uint64_t tenant, at_ns;
        } asked[5];
        uint64_t now_ns;
        bool besides_a, besides_b, besides_c;
    } rows[] = {
        {{{0, 0}}, 1, false, false, false},
        {{{A, 100}}, 101, false, true, true},
        {{{A, 100}}, 149, false, true, true},
        {{{A, 100}}, 150, false, false, false}, // long ago
        {{{A, 100}, {A, 140}}, 160, false, true, true},
        {{{A, 100}, {B, 110}}, 120, true, true, true},
        {{{A, 100}, {B, 140}}, 155, true, false, true},
        {{{A, 100}, {B, 110}, {A, 140}}, 155, true, true, true},
        {{{A, 100}, {B, 110}, {A, 140}}, 165, false, true, true},
        {{{A, 100}, {B, 110}, {B, 120}, {C, 130}}, 140, true, true, true},
        {{{A, 100}, {B, 101}, {C, 140}}, 160, true, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct askers askers = {.last = {.at_ns = 0}};
        for (int k = 0; k < 5 && rows[i].asked[k].at_ns > 0; k++)
            askers_note(&askers, rows[i].asked[k].tenant, rows[i].asked[k].at_ns);
        assert_int_equal(askers_besides(&askers, A, rows[i].now_ns, 50), rows[i].besides_a);
        assert_int_equal(askers_besides(&askers, B, rows[i].now_ns, 50), rows[i].besides_b);
        assert_int_equal(askers_besides(&askers, C, rows[i].now_ns, 50), rows[i].besides_c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_lasting_run_keeps_a_third_of_its_weight),
        cmocka_unit_test(the_more_last_the_less_each_gets_and_none_becomes_nicer_than_there_is),
        cmocka_unit_test(dozens_that_last_weigh_together_as_two_that_began),
        cmocka_unit_test(a_quarter_of_the_cores_is_kept_and_one_at_least),
        cmocka_unit_test(there_is_room_for_two_young_runs_on_a_kept_core),
        cmocka_unit_test(somebody_else_asks_as_long_as_a_short_run_of_theirs_is_recent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
