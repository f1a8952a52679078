// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/admission.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct admission_caps roomy = {
    .running_max = 100, .queue_capacity = 1000, .memory_budget_bytes = 1000};

static struct gate gate_make(struct admission_state *state, uint32_t running_max, uint32_t idle)
{
    struct gate gate = {.running_max = running_max};
    admission_set_idle(state, &gate, idle);
    return gate;
}

static void enter(struct admission_state *state, struct ticket *ticket, const char *tenant, struct gate *gate,
                  uint64_t bytes)
{
    memset(ticket, 0, sizeof *ticket);
    assert_int_equal(admission_enter(state, ticket, tenant, gate, bytes), ADMITTED);
}

static void tenants_take_turns_whatever_one_of_them_queued(void **state_)
{
    (void)state_;
    struct admission_state state;
    assert_true(admission_init(&state, &roomy));
    struct gate gate = gate_make(&state, 100, 0);
    struct ticket flood[8], quiet[2];
    for (int i = 0; i < 8; i++)
        enter(&state, &flood[i], "flood", &gate, 1);
    for (int i = 0; i < 2; i++)
        enter(&state, &quiet[i], "quiet", &gate, 1);
    admission_set_idle(&state, &gate, 10);
    struct ticket *expected[] = {&flood[0], &quiet[0], &flood[1], &quiet[1], &flood[2],
                                 &flood[3], &flood[4], &flood[5], &flood[6], &flood[7]};
    for (int i = 0; i < 10; i++)
        assert_ptr_equal(admission_next(&state), expected[i]);
    assert_null(admission_next(&state));
    assert_int_equal(gauge_read(&state.promised_bytes), 10);
    for (int i = 0; i < 10; i++)
        admission_leave(&state, expected[i]);
    assert_int_equal(gauge_read(&state.running), 0);
    assert_int_equal(gauge_read(&state.promised_bytes), 0);
    admission_deinit(&state);
}

static void a_turn_is_as_many_runs_as_the_tenants_weight(void **state_)
{
    (void)state_;
    struct admission_state state;
    assert_true(admission_init(&state, &roomy));
    struct gate gate = gate_make(&state, 100, 0);
    struct ticket heavy[5] = {{.weight = 3}, {.weight = 3}, {.weight = 3}, {.weight = 3}, {.weight = 3}};
    struct ticket light[2] = {{.weight = 1}, {.weight = 1}};
    for (int i = 0; i < 5; i++)
        assert_int_equal(admission_enter(&state, &heavy[i], "heavy", &gate, 1), ADMITTED);
    for (int i = 0; i < 2; i++)
        assert_int_equal(admission_enter(&state, &light[i], "light", &gate, 1), ADMITTED);
    admission_set_idle(&state, &gate, 10);
    struct ticket *expected[] = {&heavy[0], &heavy[1], &heavy[2], &light[0], &heavy[3], &heavy[4], &light[1]};
    for (int i = 0; i < 7; i++)
        assert_ptr_equal(admission_next(&state), expected[i]);
    for (int i = 0; i < 7; i++)
        admission_leave(&state, expected[i]);
    admission_deinit(&state);
}

static void lasting_runs_are_counted_per_tenant_until_they_end(void **state_)
{
    (void)state_;
    struct admission_state state;
    assert_true(admission_init(&state, &roomy));
    struct gate gate = gate_make(&state, 100, 10);
    struct ticket many[3], one;
    for (int i = 0; i < 3; i++)
        enter(&state, &many[i], "many", &gate, 1);
    enter(&state, &one, "one", &gate, 1);
    for (int i = 0; i < 4; i++)
        assert_non_null(admission_next(&state));
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(admission_note_lasting(&many[i]), i + 1);
    assert_int_equal(admission_note_lasting(&many[2]), 3); // counted already
    assert_int_equal(admission_note_lasting(&one), 1);
    admission_leave(&state, &many[0]);
    admission_return(&state, &many[1]);
    assert_ptr_equal(admission_next(&state), &many[1]);
    assert_int_equal(admission_note_lasting(&many[1]), 2);
    admission_leave(&state, &many[1]);
    admission_leave(&state, &many[2]);
    admission_leave(&state, &one);
    admission_deinit(&state);
}

static void a_tenant_takes_turns_among_its_policies(void **state_)
{
    (void)state_;
    struct admission_state state;
    assert_true(admission_init(&state, &roomy));
    struct gate a = gate_make(&state, 100, 4), b = gate_make(&state, 100, 4);
    struct ticket on_a[2], on_b[2];
    for (int i = 0; i < 2; i++)
        enter(&state, &on_a[i], "t", &a, 1);
    for (int i = 0; i < 2; i++)
        enter(&state, &on_b[i], "t", &b, 1);
    struct ticket *expected[] = {&on_a[0], &on_b[0], &on_a[1], &on_b[1]};
    for (int i = 0; i < 4; i++)
        assert_ptr_equal(admission_next(&state), expected[i]);
    for (int i = 0; i < 4; i++)
        admission_leave(&state, expected[i]);
    admission_deinit(&state);
}

static void a_blocked_policy_does_not_block_another(void **state_)
{
    (void)state_;
    struct admission_state state;
    assert_true(admission_init(&state, &roomy));
    struct gate full = gate_make(&state, 1, 5), open = gate_make(&state, 5, 5);
    struct ticket first, second, other;
    enter(&state, &first, "t", &full, 1);
    enter(&state, &second, "t", &full, 1);
    enter(&state, &other, "t", &open, 1);
    assert_ptr_equal(admission_next(&state), &first);
    assert_ptr_equal(admission_next(&state), &other);
    assert_null(admission_next(&state));
    admission_leave(&state, &first);
    assert_ptr_equal(admission_next(&state), &second);
    admission_leave(&state, &second);
    admission_leave(&state, &other);
    admission_deinit(&state);
}

static void the_queue_refuses_when_full_but_not_what_starts_at_once(void **state_)
{
    (void)state_;
    struct admission_state state;
    const struct admission_caps caps = {.running_max = 2, .queue_capacity = 1, .memory_budget_bytes = 100};
    assert_true(admission_init(&state, &caps));
    struct gate gate = gate_make(&state, 10, 2);
    struct ticket tickets[3], refused = {0};
    for (int i = 0; i < 2; i++) {
        enter(&state, &tickets[i], "t", &gate, 1);
        assert_ptr_equal(admission_next(&state), &tickets[i]);
    }
    enter(&state, &tickets[2], "t", &gate, 1);
    assert_null(admission_next(&state));
    assert_int_equal(admission_enter(&state, &refused, "other", &gate, 1), REFUSED_QUEUE_FULL);
    assert_int_equal(gauge_read(&state.tenants.count), 1);
    for (int i = 0; i < 3; i++)
        admission_leave(&state, &tickets[i]);
    assert_int_equal(gauge_read(&state.tenants.count), 0);
    admission_deinit(&state);
}

static void memory_is_a_budget_that_is_not_overtaken(void **state_)
{
    (void)state_;
    struct admission_state state;
    assert_true(admission_init(&state, &roomy));
    struct gate gate = gate_make(&state, 10, 10);
    struct ticket small, large, later, refused = {0};
    assert_int_equal(admission_enter(&state, &refused, "t", &gate, 1001), REFUSED_MEMORY);
    enter(&state, &small, "a", &gate, 600);
    assert_ptr_equal(admission_next(&state), &small);
    enter(&state, &large, "b", &gate, 500);
    enter(&state, &later, "c", &gate, 100);
    assert_null(admission_next(&state));
    admission_leave(&state, &small);
    assert_ptr_equal(admission_next(&state), &large);
    assert_ptr_equal(admission_next(&state), &later);
    admission_leave(&state, &large);
    admission_leave(&state, &later);
    admission_deinit(&state);
}

static void one_tenant_cannot_take_every_slot(void **state_)
{
    (void)state_;
    struct admission_state state;
    struct admission_caps caps = roomy;
    caps.tenant_running_max = 2;
    assert_true(admission_init(&state, &caps));
    struct gate gate = gate_make(&state, 10, 10);
    struct ticket greedy[3], modest;
    for (int i = 0; i < 3; i++)
        enter(&state, &greedy[i], "greedy", &gate, 1);
    assert_ptr_equal(admission_next(&state), &greedy[0]);
    assert_ptr_equal(admission_next(&state), &greedy[1]);
    assert_null(admission_next(&state));
    enter(&state, &modest, "modest", &gate, 1);
    assert_ptr_equal(admission_next(&state), &modest);
    admission_leave(&state, &greedy[0]);
    assert_ptr_equal(admission_next(&state), &greedy[2]);
    admission_leave(&state, &greedy[1]);
    admission_leave(&state, &greedy[2]);
    admission_leave(&state, &modest);
    admission_deinit(&state);
}

static void a_returned_run_is_the_next_of_its_lane(void **state_)
{
    (void)state_;
    struct admission_state state;
    assert_true(admission_init(&state, &roomy));
    struct gate gate = gate_make(&state, 10, 1);
    struct ticket first, second;
    enter(&state, &first, "t", &gate, 5);
    enter(&state, &second, "t", &gate, 5);
    assert_ptr_equal(admission_next(&state), &first);
    admission_return(&state, &first);
    assert_int_equal(gauge_read(&state.promised_bytes), 0);
    assert_int_equal(gate.waiting, 2);
    assert_null(admission_next(&state)); // its idle worker is used up
    admission_set_idle(&state, &gate, 1);
    assert_ptr_equal(admission_next(&state), &first);
    assert_ptr_equal(admission_any_waiting(&state, &gate), &second);
    admission_leave(&state, &second);
    assert_null(admission_any_waiting(&state, &gate));
    admission_leave(&state, &first);
    admission_deinit(&state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tenants_take_turns_whatever_one_of_them_queued),
        cmocka_unit_test(a_turn_is_as_many_runs_as_the_tenants_weight),
        cmocka_unit_test(lasting_runs_are_counted_per_tenant_until_they_end),
        cmocka_unit_test(a_tenant_takes_turns_among_its_policies),
        cmocka_unit_test(a_blocked_policy_does_not_block_another),
        cmocka_unit_test(the_queue_refuses_when_full_but_not_what_starts_at_once),
        cmocka_unit_test(memory_is_a_budget_that_is_not_overtaken),
        cmocka_unit_test(one_tenant_cannot_take_every_slot),
        cmocka_unit_test(a_returned_run_is_the_next_of_its_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
