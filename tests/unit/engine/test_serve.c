// SPDX-License-Identifier: Apache-2.0
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

ENGINE_TESTS_MAIN(cmocka_unit_test(one_thread_can_submit_and_step),
                  cmocka_unit_test(serving_can_be_stopped_and_begun_again), )
