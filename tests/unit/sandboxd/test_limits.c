// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/limits/limits.h"

#include "base/clock.h"
#include "tests/support/store_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

static struct limit_wish wish_of(const char *key, const char *tenant, unsigned units)
{
    struct limit_wish wish = {.key = key, .tenant = tenant, .units = units};
    for (unsigned scope = 0; scope < LIMIT_SCOPE_COUNT; scope++)
        for (unsigned unit = 0; unit < QUOTA_UNIT_COUNT; unit++)
            wish.quotas[scope].maximum[unit] = QUOTA_NONE;
    return wish;
}

static struct limits *open_limits(struct store_fixture *fixture)
{
    struct error err = {0};
    struct limits *limits = limits_open(fixture->store, NULL, &err);
    if (limits == NULL)
        fail_msg("%s", err.text);
    return limits;
}

static unsigned take_many(struct limits *limits, const struct limit_wish *wish, unsigned times)
{
    unsigned taken = 0;
    struct limit_state state;
    for (unsigned i = 0; i < times; i++)
        taken += limits_take(limits, wish, &state, NULL);
    return taken;
}

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

static void orderly_end_keeps_exact_counts_and_a_kill_never_less(void **state)
{
    struct store_fixture *fixture = *state;
    struct limits *limits = open_limits(fixture);
    struct limit_wish wish = wish_of("", "acme", QUOTA_REQUESTS);
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_DAY] = 160;
    assert_int_equal(take_many(limits, &wish, 50), 50);
    limits_close(limits);
    limits = open_limits(fixture);
    assert_int_equal(take_many(limits, &wish, 50), 50);
    // Another one that goes on from the store alone is what a process after a kill is.
    struct limits *after_kill = open_limits(fixture);
    unsigned left = take_many(after_kill, &wish, 200);
    assert_in_range(left, 60 - 160 / 16, 60);
    limits_close(after_kill);
    limits_close(limits);
}

struct gate {
    struct store *store;
    pthread_t thread;
    sem_t entered, leave;
};

static bool wait_at_gate(struct database *db, void *gate_, struct error *err)
{
    struct gate *gate = gate_;
    (void)db;
    (void)err;
    sem_post(&gate->entered);
    sem_wait(&gate->leave);
    return true;
}

static void *stand_at_gate(void *gate_)
{
    struct gate *gate = gate_;
    store_transact(gate->store, wait_at_gate, gate, NULL);
    return NULL;
}

static void stop_writer(struct gate *gate)
{
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->leave, 0, 0);
    assert_int_equal(pthread_create(&gate->thread, NULL, stand_at_gate, gate), 0);
    sem_wait(&gate->entered);
}

static bool do_nothing(struct database *db, void *context, struct error *err)
{
    (void)db;
    (void)context;
    (void)err;
    return true;
}

// With the writer stuck, whoever waited for it would wait for ever.
static void marks_are_set_further_before_anybody_waits_for_them(void **state)
{
    struct store_fixture *fixture = *state;
    struct gate gate = {.store = fixture->store};
    struct limits *limits = open_limits(fixture);
    struct limit_wish wish = wish_of("", "acme", QUOTA_REQUESTS);
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_DAY] = 160;
    unsigned taken = take_many(limits, &wish, 1); // waits, and the mark is 11
    while (taken < 150) {
        stop_writer(&gate);
        assert_int_equal(take_many(limits, &wish, 8), 8);
        taken += 8;
        sem_post(&gate.leave);
        pthread_join(gate.thread, NULL);
        assert_true(store_transact(fixture->store, do_nothing, NULL, NULL)); // after what was asked for
    }
    assert_int_equal(take_many(limits, &wish, 50), 160 - taken);
    struct limits *after_kill = open_limits(fixture);
    assert_int_equal(take_many(after_kill, &wish, 1), 0);
    limits_close(after_kill);
    limits_close(limits);
}

// As a full disk does.
static bool refuse_marks(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db,
                            "CREATE TRIGGER broken BEFORE INSERT ON limit_marks BEGIN "
                            "SELECT abs(-9223372036854775807 - 1); END",
                            err);
}

static bool take_marks(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db, "DROP TRIGGER broken", err);
}

static void without_the_store_limits_hold_and_what_it_missed_is_told(void **state)
{
    struct store_fixture *fixture = *state;
    struct limits *limits = open_limits(fixture);
    struct limit_wish wish = wish_of("", "acme", QUOTA_REQUESTS);
    struct error err = {0};
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_DAY] = 160;
    if (!store_transact(fixture->store, refuse_marks, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(take_many(limits, &wish, 50), 50);
    assert_int_equal(limits_unwritten(limits), 50);
    assert_true(store_transact(fixture->store, take_marks, NULL, NULL));
    // It is asked again after a while, and has all of them then.
    uint64_t taken = 50, before;
    do {
        before = limits_unwritten(limits);
        usleep(50000);
        taken += take_many(limits, &wish, 1);
    } while (limits_unwritten(limits) > before);
    struct limits *after_kill = open_limits(fixture);
    assert_in_range(take_many(after_kill, &wish, 200), 160 - taken - 160 / 16, 160 - taken);
    limits_close(after_kill);
    assert_int_equal(take_many(limits, &wish, 200), 160 - taken);
    limits_close(limits);
}

static void a_store_that_hangs_holds_nobody_up_for_long(void **state)
{
    struct store_fixture *fixture = *state;
    struct gate gate = {.store = fixture->store};
    struct limits *limits = open_limits(fixture);
    struct limit_wish wish = wish_of("", "acme", QUOTA_REQUESTS);
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_DAY] = 160;
    stop_writer(&gate);
    assert_int_equal(take_many(limits, &wish, 5), 5); // ends at all
    assert_true(limits_unwritten(limits) > 0);
    sem_post(&gate.leave);
    pthread_join(gate.thread, NULL);
    limits_close(limits);
    limits = open_limits(fixture);
    assert_int_equal(take_many(limits, &wish, 200), 155);
    limits_close(limits);
}

static void what_was_spent_is_the_sum_of_the_runs(void **state)
{
    struct store_fixture *fixture = *state;
    for (unsigned i = 0; i < 7; i++) {
        struct run_record record = fixture_run("default", OUTCOME_OK, 1);
        snprintf(record.tenant, sizeof record.tenant, "%s", i < 4 ? "acme" : "other");
        record.cost_micros = 100;
        assert_true(store_record_run(fixture->store, &record));
    }
    struct limits *limits = open_limits(fixture);
    assert_int_equal(limits_cost_today(limits), 700);
    struct limit_wish wish = wish_of("", "acme", QUOTA_RUNS);
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_COST_DAY] = 1000;
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_COST_MONTH] = 600;
    wish.cost_micros = 100;
    struct limit_state refused;
    struct limit_hold hold;
    for (unsigned i = 0; i < 2; i++)
        assert_true(limits_take(limits, &wish, &refused, &hold));
    assert_false(limits_take(limits, &wish, &refused, &hold));
    assert_true(refused.unit == QUOTA_COST_MONTH && refused.maximum == 600);
    limits_close(limits);
}

static void refusal_takes_nothing_and_names_the_longest_wait(void **state)
{
    struct limits *limits = open_limits(*state);
    struct limit_wish wish = wish_of("k", "acme", QUOTA_REQUESTS);
    struct limit_state refused;
    wish.quotas[SCOPE_KEY].maximum[QUOTA_MINUTE] = 5;
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

static void after_a_clock_set_back_runs_give_back_to_the_window_they_took_from(void **state)
{
    struct store_fixture *fixture = *state;
    unsigned long long tomorrow_ms = (unsigned long long)quota_window_end(QUOTA_COST_DAY, clock_unix_ms());
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    snprintf(record.id, sizeof record.id, "%08x-%04x-7000-8000-000000000000", (unsigned)(tomorrow_ms >> 16),
             (unsigned)(tomorrow_ms & 0xffff));
    strcpy(record.tenant, "acme");
    record.cost_micros = 500;
    assert_true(store_record_run(fixture->store, &record));
    struct limits *limits = open_limits(fixture);
    struct limit_wish wish = wish_of("k", "acme", QUOTA_RUNS);
    struct limit_state refused;
    struct limit_hold held;
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_COST_DAY] = 1000;
    wish.cost_micros = 400;
    assert_true(limits_take(limits, &wish, &refused, &held));
    limits_settle(limits, &held, 100);
    assert_true(limits_take(limits, &wish, &refused, &held)); // 600 were spent
    assert_int_equal(refused.rest.remaining, 0);
    limits_settle(limits, &held, 400);
    limits_close(limits);
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
        STORY(orderly_end_keeps_exact_counts_and_a_kill_never_less),
        STORY(marks_are_set_further_before_anybody_waits_for_them),
        STORY(without_the_store_limits_hold_and_what_it_missed_is_told),
        STORY(a_store_that_hangs_holds_nobody_up_for_long),
        STORY(what_was_spent_is_the_sum_of_the_runs),
        STORY(refusal_takes_nothing_and_names_the_longest_wait),
        STORY(what_a_run_did_not_cost_is_given_back_when_it_ends),
        STORY(after_a_clock_set_back_runs_give_back_to_the_window_they_took_from),
        STORY(what_a_revoked_key_used_is_forgotten_also_by_the_store),
        STORY(a_deleted_tenants_runs_are_settled_when_they_end),
        STORY(forgetting_waits_for_those_who_ask),
        STORY(without_limits_nothing_is_refused_or_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
