// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/engine_state.h"
#include "tests/support/engine_tests.h"

// As a command line uses it: one thread submits and takes the turns itself.
static void one_thread_can_submit_and_step(void **state)
{
    (void)state;
    unsigned fds_before = open_fd_count();
    const struct engine_options options = {.zygote_path = zygote_path,
                                           .max_running = 2,
                                           .queue_capacity = 10,
                                           .memory_budget_bytes = 1 << 30,
                                           .grace_ms = 50};
    struct engine *engine = engine_new(&options, NULL);
    assert_non_null(engine);
    struct policy *policy = fixture_policy("plain");
    assert_true(engine_set_policy(engine, policy, 60000, NULL));
    policy_unref(policy);
    struct answer answers[5];
    for (int i = 0; i < 5; i++) {
        struct run_request request;
        answer_init(&answers[i]);
        fixture_request(&request, "plain", i == 0 ? "sleep 20" : "echo", "[1]", &answers[i]);
        assert_int_equal(engine_submit(engine, &request), ADMITTED);
    }
    for (int i = 0; i < 5; i++) {
        while (answers[i].calls == 0)
            engine_step(engine, -1);
        assert_int_equal(answers[i].outcome, OUTCOME_OK);
        answer_deinit(&answers[i]);
    }
    engine_free(engine);
    assert_int_equal(open_fd_count(), fds_before);
}

static void serving_can_be_stopped_and_begun_again(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    engine_stop(fixture.engine);
    pthread_join(fixture.thread, NULL);
    engine_stop(fixture.engine);
    engine_serve(fixture.engine); // returns at once
    engine_stop(fixture.engine);
    fixture_serve(&fixture);
    fixture_stop(&fixture);
}

struct dropper {
    struct engine *engine;
    bool dropped;
};

static void *drop_all(void *engine)
{
    assert_true(engine_set_policies(engine, NULL, 0, 60000, NULL));
    return NULL;
}

// Told without the lock, so that another thread has its way meanwhile.
static void have_all_dropped(void *context, const struct engine_note *note)
{
    struct dropper *dropper = context;
    pthread_t thread;
    if (note->event != EVENT_WORKERS_ASKED)
        return;
    assert_int_equal(pthread_create(&thread, NULL, drop_all, dropper->engine), 0);
    pthread_join(thread, NULL);
    dropper->dropped = true;
}

static bool wants_all(void *context, enum engine_event event)
{
    (void)context;
    (void)event;
    return true;
}

static void a_policy_that_is_dropped_while_notes_are_told_ends_in_that_turn(void **state)
{
    (void)state;
    struct dropper dropper = {.dropped = false};
    const struct engine_options options = {.zygote_path = zygote_path,
                                           .max_running = 2,
                                           .queue_capacity = 10,
                                           .memory_budget_bytes = 1 << 30,
                                           .grace_ms = 50,
                                           .event = have_all_dropped,
                                           .wants = wants_all,
                                           .event_context = &dropper};
    struct engine *engine = engine_new(&options, NULL);
    assert_non_null(engine);
    dropper.engine = engine;
    struct policy *policy = fixture_policy("plain");
    assert_true(engine_set_policy(engine, policy, 60000, NULL));
    policy_unref(policy);
    while (!dropper.dropped)
        engine_step(engine, -1);
    assert_null(list_first(&engine->all_pools, struct pool, link)->live);
    engine_free(engine);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(one_thread_can_submit_and_step),
                  cmocka_unit_test(serving_can_be_stopped_and_begun_again),
                  cmocka_unit_test(a_policy_that_is_dropped_while_notes_are_told_ends_in_that_turn), )
