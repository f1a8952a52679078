// SPDX-License-Identifier: Apache-2.0
#include "tests/support/limits_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

struct crowd {
    struct limits *limits;
    struct limit_wish wish;
    _Atomic unsigned taken;
};

static void *push(void *crowd_)
{
    struct crowd *crowd = crowd_;
    atomic_fetch_add(&crowd->taken, take_many(crowd->limits, &crowd->wish, 40));
    return NULL;
}

static void not_one_too_many_gets_through_however_many_ask_together(void **state)
{
    struct crowd crowd = {.limits = open_limits(*state), .wish = wish_of("k", "acme", QUOTA_REQUESTS)};
    crowd.wish.quotas[SCOPE_TENANT].maximum[QUOTA_DAY] = 333;
    crowd.wish.quotas[SCOPE_KEY].maximum[QUOTA_HOUR] = 1000;
    pthread_t threads[16];
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, push, &crowd), 0);
    for (unsigned i = 0; i < 16; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.taken, 333);
    limits_close(crowd.limits);
}

static void refusal_takes_nothing_and_names_the_longest_wait(void **state)
{
    struct limits *limits = open_limits(*state);
    struct limit_wish wish = wish_of("k", "acme", QUOTA_REQUESTS);
    struct limit_state refused;
    wish.quotas[SCOPE_KEY].maximum[QUOTA_MINUTE] = 5000; // the next in a moment, also close to midnight
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_DAY] = 5;
    wish.quotas[SCOPE_GLOBAL].maximum[QUOTA_HOUR] = 100;
    assert_int_equal(take_many(limits, &wish, 20), 5);
    assert_false(limits_take(limits, &wish, &refused, NULL));
    assert_true(refused.scope == SCOPE_TENANT && refused.unit == QUOTA_DAY && refused.maximum == 5);
    assert_true(refused.rest.wait_ms > 0);
    struct limit_wish other = wish_of("o", "other", QUOTA_REQUESTS);
    other.quotas[SCOPE_GLOBAL].maximum[QUOTA_HOUR] = 100;
    assert_true(limits_take(limits, &other, &refused, NULL));
    assert_true(refused.scope == SCOPE_GLOBAL);
    assert_int_equal(refused.rest.remaining, 100 - 5 - 1);
    limits_close(limits);
}

static void what_a_run_did_not_cost_is_given_back_when_it_ends(void **state)
{
    struct limits *limits = open_limits(*state);
    struct limit_wish wish = wish_of("k", "acme", QUOTA_RUNS);
    struct limit_state refused;
    struct limit_hold first, second, third;
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_CONCURRENCY] = 2;
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_COST_DAY] = 1000;
    wish.quotas[SCOPE_GLOBAL].maximum[QUOTA_COST_DAY] = 1000;
    wish.cost_micros = 400;
    assert_true(limits_take(limits, &wish, &refused, &first) &&
                limits_take(limits, &wish, &refused, &second));
    assert_false(limits_take(limits, &wish, &refused, &third));
    assert_int_equal(refused.rest.wait_ms, 1000); // for one of them to end
    assert_int_equal(limits_cost_today(limits), 800);
    limits_settle(limits, &first, 100);
    assert_int_equal(limits_cost_today(limits), 500);
    assert_true(limits_take(limits, &wish, &refused, &third));
    limits_settle(limits, &second, 400);
    limits_settle(limits, &third, 400);
    assert_false(limits_take(limits, &wish, &refused, &third)); // 900 are spent
    assert_true(refused.unit == QUOTA_COST_DAY && refused.rest.wait_ms != 1000);
    wish.cost_micros = 100;
    assert_true(limits_take(limits, &wish, &refused, &third));
    limits_close(limits);
}

static void nobody_waits_for_money_that_does_not_come_back(void **state)
{
    struct limits *limits = open_limits(*state);
    struct limit_wish wish = wish_of("k", "acme", QUOTA_RUNS);
    struct limit_state refused;
    struct limit_hold hold, second;
    wish.quotas[SCOPE_GLOBAL].maximum[QUOTA_COST_DAY] = 1000;
    wish.cost_micros = 1000;
    wish.least_micros = 700;
    assert_true(limits_take(limits, &wish, &refused, &hold));
    wish.cost_micros = 300;
    assert_false(limits_take(limits, &wish, &refused, &second));
    assert_int_equal(refused.rest.wait_ms, 1000); // so much may come back
    wish.cost_micros = 301;
    assert_false(limits_take(limits, &wish, &refused, &second));
    assert_true(refused.rest.wait_ms == refused.rest.reset_ms); // the day's end
    limits_settle(limits, &hold, 700);
    wish.cost_micros = 300;
    assert_true(limits_take(limits, &wish, &refused, &second));
    limits_settle(limits, &second, 300);
    limits_close(limits);
}

static void what_a_revoked_key_used_is_forgotten_also_by_the_store(void **state)
{
    struct limits *limits = open_limits(*state);
    struct limit_wish wish = wish_of("k", "acme", QUOTA_REQUESTS),
                      other = wish_of("o", "acme", QUOTA_REQUESTS);
    wish.quotas[SCOPE_KEY].maximum[QUOTA_DAY] = other.quotas[SCOPE_KEY].maximum[QUOTA_DAY] = 5;
    assert_int_equal(take_many(limits, &wish, 9), 5);
    assert_int_equal(take_many(limits, &other, 9), 5);
    limits_forget(limits, "acme", "k");
    limits_close(limits);
    limits = open_limits(*state);
    assert_int_equal(take_many(limits, &wish, 9), 5);
    assert_int_equal(take_many(limits, &other, 9), 0);
    limits_forget(limits, "acme", "");
    assert_int_equal(take_many(limits, &wish, 9), 5);
    assert_int_equal(take_many(limits, &other, 9), 5);
    limits_close(limits);
}

static void a_deleted_tenants_runs_are_settled_when_they_end(void **state)
{
    struct limits *limits = open_limits(*state);
    struct limit_wish wish = wish_of("k", "acme", QUOTA_RUNS);
    struct limit_state refused;
    struct limit_hold first, second;
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_CONCURRENCY] = 1;
    wish.cost_micros = 400;
    assert_true(limits_take(limits, &wish, &refused, &first));
    limits_forget(limits, "acme", "");
    assert_false(limits_take(limits, &wish, &refused, &second)); // it goes on
    limits_settle(limits, &first, 100);
    assert_int_equal(limits_cost_today(limits), 100);
    assert_true(limits_take(limits, &wish, &refused, &second));
    assert_false(limits_take(limits, &wish, &refused, &first));
    limits_settle(limits, &second, 0);
    limits_close(limits);
}

static void *forget_on_and_on(void *crowd_)
{
    struct crowd *crowd = crowd_;
    for (unsigned i = 0; i < 40; i++)
        limits_forget(crowd->limits, "acme", "");
    return NULL;
}

static void forgetting_waits_for_those_who_ask(void **state)
{
    struct crowd crowd = {.limits = open_limits(*state), .wish = wish_of("k", "acme", QUOTA_REQUESTS)};
    crowd.wish.quotas[SCOPE_TENANT].maximum[QUOTA_DAY] = 16; // every one is written
    pthread_t threads[8];
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i < 6 ? push : forget_on_and_on, &crowd), 0);
    for (unsigned i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    assert_true(crowd.taken >= 16);
    limits_close(crowd.limits);
}

static void without_limits_nothing_is_refused_or_kept(void **state)
{
    struct limits *limits = open_limits(*state);
    struct limit_wish wish = wish_of("", "", QUOTA_REQUESTS);
    struct limit_state closest;
    assert_true(limits_take(limits, &wish, &closest, NULL));
    assert_true(closest.maximum == QUOTA_NONE);
    limits_close(limits);
}

int main(void)
{
#define STORY(story_) cmocka_unit_test_setup_teardown(story_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(not_one_too_many_gets_through_however_many_ask_together),
        STORY(refusal_takes_nothing_and_names_the_longest_wait),
        STORY(what_a_run_did_not_cost_is_given_back_when_it_ends),
        STORY(nobody_waits_for_money_that_does_not_come_back),
        STORY(what_a_revoked_key_used_is_forgotten_also_by_the_store),
        STORY(a_deleted_tenants_runs_are_settled_when_they_end),
        STORY(forgetting_waits_for_those_who_ask),
        STORY(without_limits_nothing_is_refused_or_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
