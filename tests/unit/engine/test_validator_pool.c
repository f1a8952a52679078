// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <string.h>

static void submit(struct fixture *fixture, const char *code, struct answer *answer)
{
    struct run_request request;
    answer_init(answer);
    fixture_request(&request, "nowhere", code, "null", answer);
    request.kind = JOB_VALIDATE;
    request.limits.limits.value[LIMIT_WALL_MS] = 600000;
    assert_int_equal(engine_submit(fixture->engine, &request), ADMITTED);
}

static void a_validation_needs_no_policy_and_starts_its_zygote(void **state)
{
    (void)state;
    struct fixture fixture;
    struct answer answer;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    struct isolation_report report;
    assert_false(engine_isolation(fixture.engine, engine_validation_pool, &report));
    submit(&fixture, "echo", &answer);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_true(engine_isolation(fixture.engine, engine_validation_pool, &report));
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

static bool two_running(void *argument)
{
    struct engine_figures figures;
    engine_read_figures(argument, &figures);
    return figures.running == 2;
}

static void only_a_few_run_at_once(void **state)
{
    (void)state;
    enum { MANY = 6 };
    struct fixture fixture;
    struct answer answers[MANY];
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 16});
    for (int i = 0; i < MANY; i++)
        submit(&fixture, "silent", &answers[i]);
    wait_until(two_running, fixture.engine);
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_int_equal(figures.queued, MANY - 2);
    engine_cancel_all(fixture.engine);
    for (int i = 0; i < MANY; i++) {
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_CANCELLED);
        answer_deinit(&answers[i]);
    }
    fixture_stop(&fixture);
}

static void few_wait(void **state)
{
    (void)state;
    enum { MOST = 34 };
    struct fixture fixture;
    struct answer answers[MOST + 1];
    struct run_request request;
    fixture_start(&fixture, &(struct fixture_options){
                                .zygote_path = zygote_path, .max_running = 16, .queue_capacity = 100});
    for (int i = 0; i < 2; i++)
        submit(&fixture, "silent", &answers[i]);
    wait_until(two_running, fixture.engine);
    for (int i = 2; i < MOST; i++)
        submit(&fixture, "silent", &answers[i]);
    answer_init(&answers[MOST]);
    fixture_request(&request, "nowhere", "silent", "null", &answers[MOST]);
    request.kind = JOB_VALIDATE;
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_QUEUE_FULL);
    engine_cancel_all(fixture.engine);
    for (int i = 0; i < MOST; i++)
        answer_wait(&answers[i]);
    for (int i = 0; i <= MOST; i++)
        answer_deinit(&answers[i]);
    fixture_stop(&fixture);
}

static void where_it_cannot_start_validations_fail_as_ours(void **state)
{
    (void)state;
    struct fixture fixture;
    struct answer answer;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = "/nonexistent/zygote"});
    submit(&fixture, "echo", &answer);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_INTERNAL_ERROR);
    char problem[ERROR_TEXT_SIZE];
    assert_true(engine_policy_problem(fixture.engine, engine_validation_pool, problem, sizeof problem));
    assert_non_null(strstr(problem, "/nonexistent/zygote"));
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_validation_needs_no_policy_and_starts_its_zygote),
                  cmocka_unit_test(only_a_few_run_at_once), cmocka_unit_test(few_wait),
                  cmocka_unit_test(where_it_cannot_start_validations_fail_as_ours), )
