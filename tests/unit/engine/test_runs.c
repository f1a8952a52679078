// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <stdatomic.h>
#include <string.h>

static bool one_is_running(void *argument)
{
    struct fixture *fixture = argument;
    struct engine_figures figures;
    engine_read_figures(fixture->engine, &figures);
    return figures.running == 1;
}

static void a_refused_run_is_told_why_and_never_answered(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path,
                                                      .max_running = 1,
                                                      .queue_capacity = 1,
                                                      .memory_budget_bytes = 20 << 20});
    fixture_add_policy(&fixture, "plain");
    struct answer first, second, refused;
    struct run_request request;
    answer_init(&first);
    answer_init(&second);
    answer_init(&refused);
    fixture_request(&request, "absent", "echo", "1", &refused);
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_NO_POLICY);
    fixture_request(&request, "plain", "echo", "1", &refused);
    request.limits.limits.value[LIMIT_MEMORY_BYTES] = 21 << 20;
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_MEMORY);
    struct run_request running, waiting;
    fixture_request(&running, "plain", "silent", "1", &first);
    assert_int_equal(engine_submit(fixture.engine, &running), ADMITTED);
    wait_until(one_is_running, &fixture);
    fixture_request(&waiting, "plain", "echo", "1", &second);
    assert_int_equal(engine_submit(fixture.engine, &waiting), ADMITTED);
    fixture_request(&request, "plain", "echo", "1", &refused);
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_QUEUE_FULL);
    engine_refuse_new(fixture.engine);
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_STOPPING);
    assert_true(engine_cancel(fixture.engine, running.run_id));
    answer_wait(&first);
    answer_wait(&second);
    assert_int_equal(first.outcome, OUTCOME_CANCELLED);
    assert_int_equal(second.outcome, OUTCOME_OK);
    fixture_stop(&fixture);
    assert_int_equal(refused.calls, 0);
    answer_deinit(&first);
    answer_deinit(&second);
    answer_deinit(&refused);
}

static bool four_are_idle(void *argument)
{
    struct fixture *fixture = argument;
    struct engine_figures figures;
    engine_read_figures(fixture->engine, &figures);
    return figures.idle_workers == 4;
}

static void a_run_that_finds_no_idle_worker_is_a_cold_start(void **state)
{
    (void)state;
    enum { IDLE = 4 };
    struct fixture fixture;
    struct answer answers[IDLE + 1];
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    wait_until(four_are_idle, &fixture);
    engine_stop(fixture.engine); // nobody forks meanwhile
    pthread_join(fixture.thread, NULL);
    for (int i = 0; i <= IDLE; i++) {
        struct run_request request;
        answer_init(&answers[i]);
        fixture_request(&request, "plain", "echo", "1", &answers[i]);
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    }
    fixture_serve(&fixture);
    for (int i = 0; i <= IDLE; i++) {
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_OK);
        assert_int_equal(answers[i].figures.cold_start, i == IDLE);
        answer_deinit(&answers[i]);
    }
    fixture_stop(&fixture);
}

static void a_run_whose_charge_is_above_the_budget_runs_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    // Room for the limits of both, and for what one of them may take.
    fixture_start(&fixture,
                  &(struct fixture_options){.zygote_path = zygote_path, .memory_budget_bytes = 40 << 20});
    fixture_add_policy(&fixture, "plain");
    struct answer first, second;
    struct run_request running, waiting;
    answer_init(&first);
    answer_init(&second);
    fixture_request(&running, "plain", "silent", "1", &first);
    assert_int_equal(engine_submit(fixture.engine, &running), ADMITTED);
    wait_until(one_is_running, &fixture);
    fixture_request(&waiting, "plain", "echo", "1", &second);
    assert_int_equal(engine_submit(fixture.engine, &waiting), ADMITTED);
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.running, 1);
    assert_int_equal(figures.queued, 1);
    assert_int_equal(figures.promised_memory_bytes, 40 << 20);
    assert_true(engine_cancel(fixture.engine, running.run_id));
    answer_wait(&second);
    assert_int_equal(second.outcome, OUTCOME_OK);
    answer_wait(&first);
    fixture_stop(&fixture);
    answer_deinit(&first);
    answer_deinit(&second);
}

static void a_waiting_and_a_running_run_can_be_cancelled_once(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 1});
    fixture_add_policy(&fixture, "plain");
    struct answer answers[2];
    struct run_request requests[2];
    for (int i = 0; i < 2; i++) {
        answer_init(&answers[i]);
        fixture_request(&requests[i], "plain", "silent", "null", &answers[i]);
        requests[i].limits.limits.value[LIMIT_WALL_MS] = 600000;
        assert_int_equal(engine_submit(fixture.engine, &requests[i]), ADMITTED);
    }
    wait_until(one_is_running, &fixture);
    assert_true(engine_cancel(fixture.engine, requests[1].run_id));
    answer_wait(&answers[1]);
    assert_false(engine_cancel(fixture.engine, requests[1].run_id));
    assert_int_equal(answers[0].calls, 0);
    assert_true(engine_cancel(fixture.engine, requests[0].run_id));
    answer_wait(&answers[0]);
    assert_false(engine_cancel(fixture.engine, requests[0].run_id));
    assert_false(engine_cancel(fixture.engine, "no such run"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(answers[i].outcome, OUTCOME_CANCELLED);
        assert_string_equal(answers[i].message, "cancelled");
        answer_deinit(&answers[i]);
    }
    fixture_stop(&fixture);
}

static void cancelling_all_leaves_nothing_queued_or_running(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 2});
    fixture_add_policy(&fixture, "plain");
    struct answer answers[6];
    for (int i = 0; i < 6; i++) {
        struct run_request request;
        answer_init(&answers[i]);
        fixture_request(&request, "plain", "silent", "null", &answers[i]);
        request.limits.limits.value[LIMIT_WALL_MS] = 600000;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    }
    engine_cancel_all(fixture.engine);
    for (int i = 0; i < 6; i++) {
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_CANCELLED);
        answer_deinit(&answers[i]);
    }
    fixture_stop(&fixture);
}

struct chain {
    struct engine *engine;
    struct run_request request;
    _Atomic int left;
};

static void submit_the_next(void *user, const struct run_result *result)
{
    struct chain *chain = user;
    assert_int_equal(result->outcome, OUTCOME_OK);
    if (atomic_fetch_sub(&chain->left, 1) > 1)
        assert_int_equal(engine_submit(chain->engine, &chain->request), ADMITTED);
}

static bool chain_ended(void *argument)
{
    return atomic_load(&((struct chain *)argument)->left) == 0;
}

static void a_callback_may_submit_the_next_run(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    struct chain chain = {.engine = fixture.engine, .left = 50};
    struct answer unused;
    answer_init(&unused);
    fixture_request(&chain.request, "plain", "echo", "1", &unused);
    chain.request.done = submit_the_next;
    chain.request.log = NULL;
    chain.request.user = &chain;
    assert_int_equal(engine_submit(fixture.engine, &chain.request), ADMITTED);
    wait_until(chain_ended, &chain);
    fixture_stop(&fixture);
    answer_deinit(&unused);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_run_that_finds_no_idle_worker_is_a_cold_start),
                  cmocka_unit_test(a_refused_run_is_told_why_and_never_answered),
                  cmocka_unit_test(a_run_whose_charge_is_above_the_budget_runs_alone),
                  cmocka_unit_test(a_waiting_and_a_running_run_can_be_cancelled_once),
                  cmocka_unit_test(cancelling_all_leaves_nothing_queued_or_running),
                  cmocka_unit_test(a_callback_may_submit_the_next_run), )
