// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <stdlib.h>
#include <string.h>

static void a_large_job_is_written_to_its_end(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    size_t length = 3 << 20;
    char *context = malloc(length + 1);
    assert_non_null(context);
    memset(context, ' ', length);
    context[0] = '[';
    context[length - 1] = ']';
    context[length] = '\0';
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "echo", context, &answer);
    request.limits.limits.value[LIMIT_OUTPUT_BYTES] = length;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_int_equal(strlen(answer.output), length);
    answer_deinit(&answer);
    free(context);
    fixture_stop(&fixture);
}

static void a_run_past_its_deadline_is_killed_and_its_slot_is_free_again(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 1});
    fixture_add_policy(&fixture, "plain");
    for (int i = 0; i < 3; i++) {
        struct answer stuck, after;
        struct run_request request;
        answer_init(&stuck);
        fixture_request(&request, "plain", "silent", "null", &stuck);
        request.limits.limits.value[LIMIT_WALL_MS] = 30;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        fixture_run(&fixture, "plain", "echo", "1", &after);
        answer_wait(&stuck);
        assert_int_equal(stuck.outcome, OUTCOME_WALL_LIMIT);
        assert_true(stuck.figures.wall_us >= 30000);
        assert_true(stuck.figures.overshoot_us > 0);
        assert_true(after.figures.queue_us >= 25000);
        assert_int_equal(after.outcome, OUTCOME_OK);
        answer_deinit(&stuck);
        answer_deinit(&after);
    }
    fixture_stop(&fixture);
}

static bool a_zygote_died(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_DIED]) > 0;
}

// A zygote that takes no orders is found out by the end that it does not report.
static void a_stopped_zygote_is_replaced_and_its_run_is_our_fault(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .kill_patience_ms = 100});
    fixture_add_policy(&fixture, "plain");
    struct answer stuck, after;
    struct run_request request;
    answer_init(&stuck);
    fixture_request(&request, "plain", "stop_zygote", "null", &stuck);
    request.limits.limits.value[LIMIT_WALL_MS] = 30;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&stuck);
    assert_int_equal(stuck.outcome, OUTCOME_INTERNAL_ERROR);
    wait_until(a_zygote_died, &fixture); // told once its end is seen, which may be after the answer
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_DIED]), 1);
    fixture_run(&fixture, "plain", "echo", "1", &after);
    assert_int_equal(after.outcome, OUTCOME_OK);
    answer_deinit(&stuck);
    answer_deinit(&after);
    fixture_stop(&fixture);
}

static void a_result_before_the_whole_job_was_read_is_forged(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "early");
    struct answer answer;
    size_t length = 1 << 20;
    char *context = malloc(length + 1);
    assert_non_null(context);
    memset(context, '1', length);
    context[length] = '\0';
    fixture_run(&fixture, "early", "echo", context, &answer);
    assert_int_not_equal(answer.outcome, OUTCOME_OK);
    assert_string_equal(answer.output, "");
    answer_deinit(&answer);
    free(context);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_large_job_is_written_to_its_end),
                  cmocka_unit_test(a_run_past_its_deadline_is_killed_and_its_slot_is_free_again),
                  cmocka_unit_test(a_stopped_zygote_is_replaced_and_its_run_is_our_fault),
                  cmocka_unit_test(a_result_before_the_whole_job_was_read_is_forged), )
