// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

static void freeing_an_engine_cancels_what_it_has_and_leaves_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 2});
    fixture_add_policy(&fixture, "plain");
    fixture_add_policy(&fixture, "other");
    struct answer answers[8];
    for (int i = 0; i < 8; i++) {
        struct run_request request;
        answer_init(&answers[i]);
        fixture_request(&request, i % 2 == 0 ? "plain" : "other", "silent", "null", &answers[i]);
        request.limits.limits.value[LIMIT_WALL_MS] = 600000;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    }
    fixture_stop(&fixture);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_int_equal(answers[i].outcome, OUTCOME_CANCELLED);
        answer_deinit(&answers[i]);
    }
}

static void an_engine_without_policies_starts_and_ends(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_stop(&fixture);
    engine_free(NULL);
}

static bool told(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_STARTED]) > 0;
}

static void the_administrator_is_told_of_a_started_zygote(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    wait_until(told, &fixture);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(freeing_an_engine_cancels_what_it_has_and_leaves_nothing),
                  cmocka_unit_test(an_engine_without_policies_starts_and_ends),
                  cmocka_unit_test(the_administrator_is_told_of_a_started_zygote), )
