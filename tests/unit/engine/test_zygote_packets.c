// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

static bool died(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_DIED]) > 0;
}

static void workers_that_could_not_be_forked_are_asked_for_again(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "forks_rarely");
    for (int i = 0; i < 10; i++) {
        struct answer answer;
        fixture_run(&fixture, "forks_rarely", "echo", "[5]", &answer);
        assert_string_equal(answer.message, "");
        assert_int_equal(answer.outcome, OUTCOME_OK);
        assert_string_equal(answer.output, "[5]");
        answer_deinit(&answer);
    }
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_true(figures.workers_lost > 0);
    assert_true(atomic_load(&fixture.events[EVENT_WORKER_LOST]) > 0);
    fixture_stop(&fixture);
}

static void a_run_that_never_gets_a_worker_is_our_fault_and_does_not_hang(void **state)
{
    (void)state;
    static const char *const policies[] = {"cannot_fork", "dies_idle"};
    for (int i = 0; i < 2; i++) {
        struct fixture fixture;
        fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
        fixture_add_policy(&fixture, policies[i]);
        struct answer answer;
        fixture_run(&fixture, policies[i], "echo", "1", &answer);
        assert_int_equal(answer.outcome, OUTCOME_INTERNAL_ERROR);
        answer_deinit(&answer);
        fixture_stop(&fixture);
    }
}

static void a_zygote_that_reports_what_it_does_not_have_is_replaced(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "misreports");
    struct answer answer;
    fixture_run(&fixture, "misreports", "echo", "1", &answer);
    assert_int_equal(answer.outcome, OUTCOME_INTERNAL_ERROR);
    wait_until(died, &fixture);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(workers_that_could_not_be_forked_are_asked_for_again),
                  cmocka_unit_test(a_run_that_never_gets_a_worker_is_our_fault_and_does_not_hang),
                  cmocka_unit_test(a_zygote_that_reports_what_it_does_not_have_is_replaced), )
