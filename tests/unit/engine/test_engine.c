// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <string.h>

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

static void an_engine_of_one_run_forks_one_worker(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .one_run = true});
    fixture_add_policy(&fixture, "plain");
    struct answer answer;
    fixture_run(&fixture, "plain", "echo", "[1]", &answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.forks, 1);
    assert_int_equal(figures.idle_workers, 0);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

static void an_engine_of_one_run_serves_more_if_asked_for(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .one_run = true});
    fixture_add_policy(&fixture, "plain");
    fixture_add_policy(&fixture, "other");
    for (int i = 0; i < 6; i++) {
        struct answer answer;
        fixture_run(&fixture, i % 2 == 0 ? "plain" : "other", "echo", "[1]", &answer);
        assert_int_equal(answer.outcome, OUTCOME_OK);
        answer_deinit(&answer);
    }
    fixture_stop(&fixture);
}

static void a_zygote_that_never_has_a_policy_ends_with_its_engine(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .one_run = true});
    fixture_stop(&fixture); // asserts that no child is left
    const struct engine_options options = {
        .zygote_path = "/nonexistent/sandbox-zygote", .max_running = 1, .queue_capacity = 1, .one_run = true};
    struct error err = {0};
    assert_null(engine_new(&options, &err));
    assert_non_null(strstr(err.text, "/nonexistent/sandbox-zygote"));
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
                  cmocka_unit_test(an_engine_of_one_run_forks_one_worker),
                  cmocka_unit_test(an_engine_of_one_run_serves_more_if_asked_for),
                  cmocka_unit_test(a_zygote_that_never_has_a_policy_ends_with_its_engine),
                  cmocka_unit_test(the_administrator_is_told_of_a_started_zygote), )
