// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_tests.h"

#include <unistd.h>

enum { ASKS_FOR_MS = 100 };

static void start(struct fixture *fixture, uint32_t kept_cores)
{
    fixture_start(fixture, &(struct fixture_options){.zygote_path = zygote_path,
                                                     .lasting_give_way = true,
                                                     .kept_cores = kept_cores,
                                                     .asks_for_ms = ASKS_FOR_MS});
    fixture_add_policy(fixture, "plain");
    fixture_add_policy(fixture, "dies_kept_off");
    fixture_add_policy(fixture, "dies_given_back");
}

static void submit(struct fixture *fixture, const char *policy, const char *code, const char *tenant,
                   struct answer *answer)
{
    struct run_request request;
    answer_init(answer);
    fixture_request(&request, policy, code, "null", answer);
    request.tenant = tenant;
    request.limits.limits.value[LIMIT_WALL_MS] = 600000;
    assert_int_equal(engine_submit(fixture->engine, &request), ADMITTED);
}

static void ask(struct fixture *fixture, const char *tenant)
{
    struct answer answer;
    submit(fixture, "plain", "echo", tenant, &answer);
    answer_wait(&answer);
    answer_deinit(&answer);
}

static bool answer_is_there(struct answer *answer)
{
    pthread_mutex_lock(&answer->lock);
    bool there = answer->calls > 0;
    pthread_mutex_unlock(&answer->lock);
    return there;
}

static void ask_until_answered(struct fixture *fixture, const char *tenant, struct answer *answer)
{
    // On a busy machine a short run may itself count as one that lasts: others follow.
    while (!answer_is_there(answer))
        ask(fixture, tenant);
}

static void a_run_that_lasts_is_kept_off_while_another_tenant_asks(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, 1);
    struct answer lasting;
    submit(&fixture, "dies_kept_off", "silent", "many", &lasting);
    ask_until_answered(&fixture, "quiet", &lasting);
    answer_deinit(&lasting);
    fixture_stop(&fixture);
}

static void a_run_that_begins_to_last_beside_another_tenants_is_kept_off_at_once(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, 1);
    struct answer first, second;
    submit(&fixture, "dies_kept_off", "silent", "many", &first);
    ask_until_answered(&fixture, "quiet", &first);
    submit(&fixture, "dies_kept_off", "silent", "many", &second);
    ask_until_answered(&fixture, "quiet", &second);
    answer_deinit(&first);
    answer_deinit(&second);
    fixture_stop(&fixture);
}

static void what_it_was_kept_off_is_given_back_when_nobody_asks_any_more(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, 1);
    struct answer lasting;
    submit(&fixture, "dies_given_back", "silent", "many", &lasting);
    // Whether it lasts already when somebody asks is the machine's affair, so it is tried again.
    while (!answer_is_there(&lasting)) {
        ask(&fixture, "quiet");
        usleep(2 * ASKS_FOR_MS * 1000);
    }
    answer_deinit(&lasting);
    fixture_stop(&fixture);
}

enum { ASKED = 100 };

static void none_is_kept_off(uint32_t kept_cores, const char *asks)
{
    struct fixture fixture;
    start(&fixture, kept_cores);
    struct answer lasting;
    submit(&fixture, "dies_kept_off", "silent", "many", &lasting);
    for (int i = 0; i < ASKED; i++)
        ask(&fixture, asks);
    assert_false(answer_is_there(&lasting));
    engine_cancel_all(fixture.engine);
    answer_wait(&lasting);
    answer_deinit(&lasting);
    fixture_stop(&fixture);
}

static void a_tenants_own_short_runs_keep_its_others_off_nothing(void **state)
{
    (void)state;
    none_is_kept_off(1, "many");
}

static void where_no_core_is_kept_nobody_is_kept_off(void **state)
{
    (void)state;
    none_is_kept_off(0, "quiet");
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_run_that_lasts_is_kept_off_while_another_tenant_asks),
                  cmocka_unit_test(a_run_that_begins_to_last_beside_another_tenants_is_kept_off_at_once),
                  cmocka_unit_test(what_it_was_kept_off_is_given_back_when_nobody_asks_any_more),
                  cmocka_unit_test(a_tenants_own_short_runs_keep_its_others_off_nothing),
                  cmocka_unit_test(where_no_core_is_kept_nobody_is_kept_off), )
