// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/engine_state.h"
#include "tests/support/engine_tests.h"

static bool four_idle(void *argument)
{
    struct engine_figures figures;
    engine_read_figures(argument, &figures);
    return figures.idle_workers == 4;
}

static bool two_idle(void *argument)
{
    struct engine_figures figures;
    engine_read_figures(argument, &figures);
    return figures.idle_workers == 2;
}

static bool one_running(void *argument)
{
    struct engine_figures figures;
    engine_read_figures(argument, &figures);
    return figures.running == 1;
}

static void figures_follow_what_runs(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 1});
    fixture_add_policy(&fixture, "plain");
    wait_until(two_idle, fixture.engine);
    struct answer answers[3];
    struct run_request requests[3];
    for (int i = 0; i < 3; i++) {
        answer_init(&answers[i]);
        fixture_request(&requests[i], "plain", "silent", "null", &answers[i]);
        requests[i].limits.limits.value[LIMIT_WALL_MS] = 600000;
        assert_int_equal(engine_submit(fixture.engine, &requests[i]), ADMITTED);
    }
    wait_until(one_running, fixture.engine);
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.queued, 2);
    assert_in_range(figures.promised_memory_bytes, 61 << 20, 63 << 20); // of a limit of 16 MiB
    assert_true(figures.forks >= 2);
    assert_int_equal(figures.zygote_restarts, 0);
    engine_cancel_all(fixture.engine);
    for (int i = 0; i < 3; i++) {
        answer_wait(&answers[i]);
        answer_deinit(&answers[i]);
    }
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.running + figures.queued, 0);
    assert_int_equal(figures.promised_memory_bytes, 0);
    fixture_stop(&fixture);
}

static void figures_are_read_while_the_lock_is_held(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    wait_until(four_idle, fixture.engine);
    engine_lock(fixture.engine);
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    engine_unlock(fixture.engine);
    assert_int_equal(figures.idle_workers, 4);
    fixture_stop(&fixture);
}

static bool many_idle(void *argument)
{
    struct engine_figures figures;
    engine_read_figures(argument, &figures);
    return figures.idle_workers > 4;
}

static void idle_workers_follow_demand_up_and_down(void **state)
{
    (void)state;
    enum { BURST = 60 };
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 10});
    fixture_add_policy(&fixture, "plain");
    struct answer answers[BURST];
    for (int i = 0; i < BURST; i++) {
        struct run_request request;
        answer_init(&answers[i]);
        fixture_request(&request, "plain", "sleep 2", "[1]", &answers[i]);
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    }
    for (int i = 0; i < BURST; i++) {
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_OK);
        answer_deinit(&answers[i]);
    }
    wait_until(many_idle, fixture.engine);
    wait_until(four_idle, fixture.engine);
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.workers_lost, 0); // letting one go is no loss
    fixture_stop(&fixture);
}

static void a_live_policy_tells_of_its_isolation_and_has_no_problem(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    struct isolation_report report;
    char problem[64];
    assert_true(engine_isolation(fixture.engine, "plain", &report));
    assert_int_equal(report.layer[LAYER_SECCOMP].state, LAYER_ACTIVE);
    assert_false(engine_isolation(fixture.engine, "absent", &report));
    assert_false(engine_policy_problem(fixture.engine, "plain", problem, sizeof problem));
    assert_false(engine_policy_problem(fixture.engine, "absent", problem, sizeof problem));
    assert_null(engine_policy(fixture.engine, "absent"));
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(figures_follow_what_runs),
                  cmocka_unit_test(figures_are_read_while_the_lock_is_held),
                  cmocka_unit_test(idle_workers_follow_demand_up_and_down),
                  cmocka_unit_test(a_live_policy_tells_of_its_isolation_and_has_no_problem), )
