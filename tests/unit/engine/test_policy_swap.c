// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <stdio.h>
#include <string.h>

static struct policy *version_of(const char *name, int version)
{
    struct policy *policy = fixture_policy(name);
    snprintf(policy->version, sizeof policy->version, "sha256:%064d", version);
    return policy;
}

static bool set(struct fixture *fixture, struct policy **policies, size_t count, struct error *err)
{
    bool done = engine_set_policies(fixture->engine, policies, count, 60000, err);
    for (size_t i = 0; i < count; i++)
        policy_unref(policies[i]);
    return done;
}

static void expect_version(struct fixture *fixture, const char *name, int version)
{
    char expected[POLICY_VERSION_SIZE];
    snprintf(expected, sizeof expected, "sha256:%064d", version);
    struct answer answer;
    fixture_run(fixture, name, "echo", "1", &answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_string_equal(answer.policy_version, expected);
    answer_deinit(&answer);
}

static void a_bad_policy_among_good_ones_changes_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    struct error err = {0};
    assert_true(set(&fixture, (struct policy *[]){version_of("a", 1), version_of("b", 1)}, 2, &err));
    assert_false(set(&fixture,
                     (struct policy *[]){version_of("a", 2), version_of("refuses", 2), version_of("c", 2)}, 3,
                     &err));
    assert_non_null(strstr(err.text, "refuses"));
    assert_false(set(&fixture, (struct policy *[]){version_of("a", 3), version_of("a", 4)}, 2, &err));
    expect_version(&fixture, "a", 1);
    expect_version(&fixture, "b", 1);
    assert_null(engine_policy(fixture.engine, "c"));
    fixture_stop(&fixture);
}

static void a_new_set_replaces_keeps_and_drops(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    struct error err = {0};
    assert_true(set(&fixture,
                    (struct policy *[]){version_of("same", 1), version_of("newer", 1), version_of("gone", 1)},
                    3, &err));
    unsigned started = atomic_load(&fixture.events[EVENT_ZYGOTE_STARTED]);
    assert_true(set(&fixture, (struct policy *[]){version_of("same", 1), version_of("newer", 2)}, 2, &err));
    expect_version(&fixture, "same", 1);
    expect_version(&fixture, "newer", 2);
    struct policy *policy = engine_policy(fixture.engine, "newer");
    assert_non_null(policy);
    policy_unref(policy);
    assert_null(engine_policy(fixture.engine, "gone"));
    assert_true(started <= 3);
    struct answer unused;
    struct run_request request;
    answer_init(&unused);
    fixture_request(&request, "gone", "echo", "1", &unused);
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_NO_POLICY);
    answer_deinit(&unused);
    fixture_stop(&fixture);
}

static void a_run_with_the_limits_of_another_version_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    struct error err = {0};
    assert_true(set(&fixture, (struct policy *[]){version_of("p", 1)}, 1, &err));
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "p", "echo", "1", &answer);
    assert_true(set(&fixture, (struct policy *[]){version_of("p", 2)}, 1, &err));
    assert_int_equal(engine_submit(fixture.engine, &request), REFUSED_OTHER_VERSION);
    assert_true(set(&fixture, (struct policy *[]){version_of("p", 1)}, 1, &err));
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_string_equal(answer.policy_version, request.policy->version);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

static void runs_in_flight_and_waiting_end_on_the_version_that_admitted_them(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 2});
    struct error err = {0};
    assert_true(set(&fixture, (struct policy *[]){version_of("p", 1)}, 1, &err));
    struct answer answers[6];
    for (int i = 0; i < 6; i++) {
        struct run_request request;
        answer_init(&answers[i]);
        fixture_request(&request, "p", "sleep 100", "1", &answers[i]);
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    }
    assert_true(set(&fixture, (struct policy *[]){version_of("p", 2)}, 1, &err));
    expect_version(&fixture, "p", 2);
    for (int i = 0; i < 6; i++) {
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_OK);
        assert_non_null(strstr(answers[i].policy_version, "0001"));
        answer_deinit(&answers[i]);
    }
    assert_true(engine_drop_policy(fixture.engine, "p"));
    assert_false(engine_drop_policy(fixture.engine, "p"));
    fixture_stop(&fixture);
}

// A draining pool keeps no idle workers, so it needs new ones once the others leave it room.
static void runs_of_a_dropped_policy_are_answered_after_others_held_every_slot(void **state)
{
    (void)state;
    enum { OTHERS = 30, OLD = 12, ALL = OTHERS + OLD };
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){
                                .zygote_path = zygote_path, .max_running = 1, .queue_capacity = 100});
    fixture_add_policy(&fixture, "other");
    fixture_add_policy(&fixture, "old");
    struct answer answers[ALL];
    struct run_request request;
    for (int i = 0; i < ALL; i++) {
        answer_init(&answers[i]);
        fixture_request(&request, i < OTHERS ? "other" : "old", i < OTHERS ? "sleep 10" : "echo", "1",
                        &answers[i]);
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    }
    assert_true(engine_drop_policy(fixture.engine, "old"));
    for (int i = 0; i < ALL; i++) {
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_OK);
        answer_deinit(&answers[i]);
    }
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_bad_policy_among_good_ones_changes_nothing),
                  cmocka_unit_test(a_new_set_replaces_keeps_and_drops),
                  cmocka_unit_test(a_run_with_the_limits_of_another_version_is_refused),
                  cmocka_unit_test(runs_in_flight_and_waiting_end_on_the_version_that_admitted_them),
                  cmocka_unit_test(runs_of_a_dropped_policy_are_answered_after_others_held_every_slot), )
