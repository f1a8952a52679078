// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_dead_zygotes_runs_are_our_fault_and_a_new_one_serves_the_next(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    for (int i = 0; i < 2; i++) {
        struct answer neighbour, killer, after;
        struct run_request request;
        answer_init(&neighbour);
        fixture_request(&request, "plain", "silent", "null", &neighbour);
        request.limits.limits.value[LIMIT_WALL_MS] = 600000;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        fixture_run(&fixture, "plain", "kill_zygote", "null", &killer);
        answer_wait(&neighbour);
        assert_int_equal(killer.outcome, OUTCOME_INTERNAL_ERROR);
        assert_int_equal(neighbour.outcome, OUTCOME_INTERNAL_ERROR);
        fixture_run(&fixture, "plain", "echo", "[1]", &after);
        assert_int_equal(after.outcome, OUTCOME_OK);
        answer_deinit(&neighbour);
        answer_deinit(&killer);
        answer_deinit(&after);
    }
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.zygote_restarts, 2);
    fixture_stop(&fixture);
}

static void a_zygote_is_replaced_after_its_runs_without_a_run_noticing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .zygote_runs_max = 5});
    fixture_add_policy(&fixture, "plain");
    struct answer answers[60];
    for (int i = 0; i < 60; i++) {
        struct run_request request;
        answer_init(&answers[i]);
        fixture_request(&request, "plain", i % 7 == 0 ? "sleep 30" : "echo", "[1]", &answers[i]);
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        if (i % 6 == 5)
            answer_wait(&answers[i]);
    }
    for (int i = 0; i < 60; i++) {
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_OK);
        answer_deinit(&answers[i]);
    }
    assert_true(atomic_load(&fixture.events[EVENT_ZYGOTE_RETIRED]) >= 1);
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_DIED]), 0);
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.zygote_restarts, 0);
    fixture_stop(&fixture);
}

static bool retired_twice(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_RETIRED]) >= 2;
}

static void a_zygote_is_replaced_when_it_is_old_though_nothing_runs(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .zygote_age_ms_max = 20});
    fixture_add_policy(&fixture, "plain");
    wait_until(retired_twice, &fixture);
    struct answer answer;
    fixture_run(&fixture, "plain", "echo", "[1]", &answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_DIED]), 0);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

static bool refused(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_REFUSED]) > 0;
}

static bool serves_again(void *argument)
{
    struct fixture *fixture = argument;
    char problem[256];
    return !engine_policy_problem(fixture->engine, "plain", problem, sizeof problem);
}

// The executable goes away and comes back, as in a botched upgrade.
static void a_zygote_that_cannot_start_again_takes_its_policy_down_until_it_can(void **state)
{
    (void)state;
    char folder[] = "/tmp/engine-test-XXXXXX", link[64];
    char *target = realpath(zygote_path, NULL);
    assert_non_null(target);
    assert_non_null(mkdtemp(folder));
    snprintf(link, sizeof link, "%s/zygote", folder);
    assert_int_equal(symlink(target, link), 0);
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = link, .max_running = 1});
    fixture_add_policy(&fixture, "plain");
    assert_int_equal(unlink(link), 0);
    struct answer killer, waiting, after;
    struct run_request request;
    answer_init(&waiting);
    answer_init(&killer);
    fixture_request(&request, "plain", "kill_zygote", "null", &killer);
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    fixture_request(&request, "plain", "echo", "1", &waiting);
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&killer);
    answer_wait(&waiting); // told at once that there is no zygote, instead of hanging
    assert_int_equal(waiting.outcome, OUTCOME_INTERNAL_ERROR);
    wait_until(refused, &fixture);
    char problem[512];
    assert_true(engine_policy_problem(fixture.engine, "plain", problem, sizeof problem));
    assert_non_null(strstr(problem, "No such file"));
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_POLICY_DOWN);
    struct isolation_report report;
    assert_false(engine_isolation(fixture.engine, "plain", &report));
    assert_int_equal(symlink(target, link), 0);
    wait_until(serves_again, &fixture);
    fixture_run(&fixture, "plain", "echo", "[2]", &after);
    assert_int_equal(after.outcome, OUTCOME_OK);
    answer_deinit(&killer);
    answer_deinit(&waiting);
    answer_deinit(&after);
    fixture_stop(&fixture);
    unlink(link);
    rmdir(folder);
    free(target);
}

static void a_host_that_keeps_no_core_is_told_of_where_one_is_wanted(void **state)
{
    (void)state;
    for (uint32_t kept_cores = 0; kept_cores < 2; kept_cores++) {
        struct fixture fixture;
        fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path,
                                                          .lasting_give_way = true,
                                                          .kept_cores = kept_cores});
        fixture_add_policy(&fixture, "plain");
        fixture_add_policy(&fixture, "no_choice");
        struct answer answer;
        fixture_run(&fixture, "no_choice", "echo", "1", &answer);
        assert_int_equal(answer.outcome, OUTCOME_OK);
        answer_deinit(&answer);
        fixture_stop(&fixture); // every event is told by then
        assert_int_equal(atomic_load(&fixture.events[EVENT_CORES_SHARED]), kept_cores);
    }
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_host_that_keeps_no_core_is_told_of_where_one_is_wanted),
                  cmocka_unit_test(a_dead_zygotes_runs_are_our_fault_and_a_new_one_serves_the_next),
                  cmocka_unit_test(a_zygote_is_replaced_after_its_runs_without_a_run_noticing),
                  cmocka_unit_test(a_zygote_is_replaced_when_it_is_old_though_nothing_runs),
                  cmocka_unit_test(a_zygote_that_cannot_start_again_takes_its_policy_down_until_it_can), )
