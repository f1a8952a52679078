// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "tests/support/limits_fixture.h"
#include "tests/support/store_gate.h"

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
        let_writer_go(&gate);
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
    let_writer_go(&gate);
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

static bool refuse_runs(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db,
                            "CREATE TRIGGER no_runs BEFORE INSERT ON runs BEGIN "
                            "SELECT abs(-9223372036854775807 - 1); END",
                            err);
}

static bool take_runs(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db, "DROP TRIGGER no_runs", err);
}

static void record_costs(struct store_fixture *fixture, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct run_record record = fixture_run("default", OUTCOME_OK, 1);
        strcpy(record.tenant, "acme");
        record.cost_micros = 100;
        assert_true(store_record_run(fixture->store, &record));
    }
}

static void what_waits_for_room_on_the_disk_is_spent_too_also_after_a_restart(void **state)
{
    struct store_fixture *fixture = *state;
    struct limit_wish wish = wish_of("", "acme", QUOTA_RUNS);
    struct limit_state refused;
    struct limit_hold hold;
    record_costs(fixture, 3);
    limits_close(open_limits(fixture)); // these are written
    assert_true(store_transact(fixture->store, refuse_runs, NULL, NULL));
    record_costs(fixture, 4);
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 0);
    struct limits *limits = open_limits(fixture);
    assert_int_equal(limits_cost_today(limits), 700);
    wish.quotas[SCOPE_TENANT].maximum[QUOTA_COST_DAY] = wish.quotas[SCOPE_TENANT].maximum[QUOTA_COST_MONTH] =
        800;
    wish.cost_micros = 100;
    assert_true(limits_take(limits, &wish, &refused, &hold));
    assert_false(limits_take(limits, &wish, &refused, &hold));
    limits_close(limits);
    assert_true(store_transact(fixture->store, take_runs, NULL, NULL));
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 0);
    limits = open_limits(fixture);
    assert_int_equal(limits_cost_today(limits), 700); // each once
    limits_close(limits);
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

int main(void)
{
#define STORY(story_) cmocka_unit_test_setup_teardown(story_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(orderly_end_keeps_exact_counts_and_a_kill_never_less),
        STORY(marks_are_set_further_before_anybody_waits_for_them),
        STORY(without_the_store_limits_hold_and_what_it_missed_is_told),
        STORY(a_store_that_hangs_holds_nobody_up_for_long),
        STORY(what_was_spent_is_the_sum_of_the_runs),
        STORY(what_waits_for_room_on_the_disk_is_spent_too_also_after_a_restart),
        STORY(after_a_clock_set_back_runs_give_back_to_the_window_they_took_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
