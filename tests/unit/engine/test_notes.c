// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/engine_state.h"
#include "tests/support/engine_tests.h"

static void run_one(struct fixture *fixture)
{
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "sleep 2", "[1]", &answer);
    assert_int_equal(engine_submit(fixture->engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    answer_deinit(&answer);
}

static bool worker_ended(void *argument)
{
    return atomic_load(&((struct fixture *)argument)->events[EVENT_WORKER_ENDED]) > 0;
}

static void who_wants_details_is_told_of_a_runs_worker(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .details = true});
    fixture_add_policy(&fixture, "plain");
    run_one(&fixture);
    wait_until(worker_ended, &fixture);
    assert_int_equal(atomic_load(&fixture.events[EVENT_RUN_STARTED]), 1);
    assert_true(atomic_load(&fixture.events[EVENT_WORKERS_ASKED]) > 0);
    assert_int_equal(atomic_load(&fixture.events[EVENT_WORKER_KILLED]), 0);
    fixture_stop(&fixture);
}

static void who_does_not_is_told_of_zygotes_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    run_one(&fixture);
    fixture_stop(&fixture);
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_STARTED]), 1);
    for (unsigned event = EVENT_DETAILS; event < ENGINE_EVENT_COUNT; event++)
        assert_int_equal(atomic_load(&fixture.events[event]), 0);
}

static void what_is_too_much_to_tell_is_counted_and_told(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    engine_stop(fixture.engine);
    pthread_join(fixture.thread, NULL);
    const struct pool *pool = list_first(&fixture.engine->all_pools, struct pool, link);
    unsigned before = atomic_load(&fixture.events[EVENT_ZYGOTE_RETIRED]);
    engine_lock(fixture.engine);
    for (int i = 0; i < NOTES_MAX + 7; i++)
        engine_note(fixture.engine, EVENT_ZYGOTE_RETIRED, pool, "%d", i);
    engine_tell_notes(fixture.engine);
    engine_unlock(fixture.engine);
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_RETIRED]), before + NOTES_MAX);
    assert_int_equal(atomic_load(&fixture.events[EVENT_NOTES_LOST]), 1);
    assert_string_equal(fixture.last_event, ": 7 events came too fast to be told");
    fixture_serve(&fixture);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(who_wants_details_is_told_of_a_runs_worker),
                  cmocka_unit_test(who_does_not_is_told_of_zygotes_alone),
                  cmocka_unit_test(what_is_too_much_to_tell_is_counted_and_told), )
