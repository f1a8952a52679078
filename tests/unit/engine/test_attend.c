// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { IDLE = 4, THREADS = 3, RUNS_PER_THREAD = 300 };

static bool all_are_idle(void *argument)
{
    struct fixture *fixture = argument;
    struct engine_figures figures;
    engine_read_figures(fixture->engine, &figures);
    return figures.idle_workers == IDLE;
}

static void start(struct fixture *fixture, const char *policy)
{
    fixture_start(fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(fixture, policy);
}

// With workers to run on, and nobody who would answer but the test.
static void start_unserved(struct fixture *fixture)
{
    start(fixture, "plain");
    wait_until(all_are_idle, fixture);
    engine_stop(fixture->engine);
    pthread_join(fixture->thread, NULL);
}

static void submit(struct fixture *fixture, const char *policy, const char *code, struct answer *answer,
                   struct run_request *ret_request)
{
    answer_init(answer);
    fixture_request(ret_request, policy, code, "[1]", answer);
    ret_request->limits.limits.value[LIMIT_WALL_MS] = 60000; // however busy the machine is
    assert_int_equal(engine_submit(fixture->engine, ret_request), ADMITTED);
}

// On a busy machine a run may take longer than the wait for it.
static void attend_to_its_end(struct fixture *fixture, const struct run_request *request)
{
    while (!engine_attend(fixture->engine, request->run_id, NULL, 0))
        continue;
}

static void a_run_is_answered_by_who_attends_it_however_it_ends(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum outcome outcome;
    } cases[] = {{"echo", OUTCOME_OK}, {"signal 9", OUTCOME_CRASHED}, {"exit 3", OUTCOME_CRASHED}};
    struct fixture fixture;
    start_unserved(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer answer;
        struct run_request request;
        submit(&fixture, "plain", cases[i].code, &answer, &request);
        attend_to_its_end(&fixture, &request);
        assert_int_equal(answer.calls, 1);
        assert_int_equal(answer.outcome, cases[i].outcome);
        assert_false(engine_attend(fixture.engine, request.run_id, NULL, 0));
        answer_deinit(&answer);
    }
    fixture_serve(&fixture);
    fixture_stop(&fixture);
}

static void who_has_something_else_to_do_does_not_wait(void **state)
{
    (void)state;
    struct fixture fixture;
    struct answer answer;
    struct run_request request;
    int ends[2];
    start_unserved(&fixture);
    assert_int_equal(pipe(ends), 0);
    submit(&fixture, "plain", "silent", &answer, &request);
    assert_false(engine_attend(fixture.engine, request.run_id, ends, 1)); // its time is over
    assert_int_equal(write(ends[1], "", 1), 1);
    assert_false(engine_attend(fixture.engine, request.run_id, ends, 1));
    assert_int_equal(answer.calls, 0);
    fixture_serve(&fixture);
    assert_true(engine_cancel(fixture.engine, request.run_id));
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_CANCELLED);
    close(ends[0]);
    close(ends[1]);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

static void one_of_several_runs_is_not_attended(void **state)
{
    (void)state;
    struct fixture fixture;
    struct answer first, second;
    struct run_request one, other;
    start_unserved(&fixture);
    submit(&fixture, "plain", "echo", &first, &one);
    submit(&fixture, "plain", "echo", &second, &other);
    assert_false(engine_attend(fixture.engine, one.run_id, NULL, 0));
    assert_false(engine_attend(fixture.engine, other.run_id, NULL, 0));
    fixture_serve(&fixture);
    answer_wait(&first);
    answer_wait(&second);
    assert_int_equal(first.outcome, OUTCOME_OK);
    assert_int_equal(second.outcome, OUTCOME_OK);
    answer_deinit(&first);
    answer_deinit(&second);
    fixture_stop(&fixture);
}

// Whatever is not the plain end of this one run is the serving thread's.
static void what_else_happens_is_left_to_the_serving_thread(void **state)
{
    (void)state;
    static const struct {
        const char *policy, *code;
    } cases[] = {{"misreports", "echo"}, {"plain", "kill_zygote"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        struct answer answer;
        struct run_request request;
        start(&fixture, cases[i].policy);
        submit(&fixture, cases[i].policy, cases[i].code, &answer, &request);
        assert_false(engine_attend(fixture.engine, request.run_id, NULL, 0));
        answer_wait(&answer);
        assert_int_equal(answer.outcome, OUTCOME_INTERNAL_ERROR);
        answer_deinit(&answer);
        fixture_stop(&fixture);
    }
}

static void attended_runs_have_new_workers_forked(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, "plain");
    for (int i = 0; i < 50; i++) {
        struct answer answer;
        struct run_request request;
        submit(&fixture, "plain", "echo", &answer, &request);
        engine_attend(fixture.engine, request.run_id, NULL, 0);
        answer_wait(&answer);
        assert_int_equal(answer.calls, 1);
        assert_int_equal(answer.outcome, OUTCOME_OK);
        answer_deinit(&answer);
    }
    fixture_stop(&fixture);
}

static void *run_and_attend(void *fixture_)
{
    static const char *const codes[] = {"echo", "echo", "signal 9", "sleep 3", "echo", "half_frame", "echo"};
    struct fixture *fixture = fixture_;
    for (unsigned i = 0; i < RUNS_PER_THREAD; i++) {
        struct answer answer;
        struct run_request request;
        submit(fixture, "plain", i == RUNS_PER_THREAD / 2 ? "kill_zygote" : codes[i % 7], &answer, &request);
        if (i % 17 == 0)
            engine_cancel(fixture->engine, request.run_id);
        engine_attend(fixture->engine, request.run_id, NULL, 0);
        answer_wait(&answer);
        assert_int_equal(answer.calls, 1);
        answer_deinit(&answer);
    }
    return NULL;
}

static void every_run_is_answered_once_whoever_attends(void **state)
{
    (void)state;
    struct fixture fixture;
    pthread_t threads[THREADS];
    start(&fixture, "plain");
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_and_attend, &fixture), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_run_is_answered_by_who_attends_it_however_it_ends),
                  cmocka_unit_test(who_has_something_else_to_do_does_not_wait),
                  cmocka_unit_test(one_of_several_runs_is_not_attended),
                  cmocka_unit_test(what_else_happens_is_left_to_the_serving_thread),
                  cmocka_unit_test(attended_runs_have_new_workers_forked),
                  cmocka_unit_test(every_run_is_answered_once_whoever_attends), )
