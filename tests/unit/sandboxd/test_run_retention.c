// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "base/clock.h"
#include "sandboxd/store/policy_rows.h"
#include "sandboxd/store/store_state.h"

static bool count_runs(struct database *db, void *count, struct error *err)
{
    return runs_count(db, count, err);
}

static uint64_t runs_in(struct store *store)
{
    uint64_t count = 0;
    assert_true(store_read(store, count_runs, &count, NULL));
    return count;
}

static void record(struct store *store, unsigned count, int64_t unix_ms)
{
    for (unsigned i = 0; i < count; i++) {
        struct run_record run = fixture_run("default", OUTCOME_OK, i);
        char time[24];
        // The time of a UUIDv7 is in its first 12 digits.
        if (unix_ms > 0) {
            snprintf(time, sizeof time, "%012llx", (unsigned long long)unix_ms);
            memcpy(run.id, time, 8);
            memcpy(run.id + 9, time + 8, 4);
        }
        while (!store_record_run(store, &run))
            usleep(1000);
    }
}

static void runs_beyond_the_greatest_number_go_the_oldest_first(void **state)
{
    struct store_fixture *fixture = *state;
    store_close(fixture->store);
    fixture_open_bounded(fixture, 500, 0);
    // A look is taken after every so many; the last ones may still be there.
    record(fixture->store, 2 * PRUNE_EVERY + BATCH_MAX, 0);
    uint64_t left = runs_in(fixture->store);
    assert_true(left >= 500 && left <= 500 + PRUNE_EVERY + BATCH_MAX);
}

static void runs_beyond_the_greatest_age_go(void **state)
{
    struct store_fixture *fixture = *state;
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 30);
    record(fixture->store, 300, clock_unix_ms() - 31LL * 24 * 3600 * 1000);
    assert_int_equal(runs_in(fixture->store), 300);
    record(fixture->store, PRUNE_EVERY, 0);
    uint64_t left = runs_in(fixture->store);
    assert_int_equal(left, PRUNE_EVERY);
}

static void runs_that_are_too_old_go_at_the_next_start_too(void **state)
{
    struct store_fixture *fixture = *state;
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 30);
    record(fixture->store, 300, clock_unix_ms() - 31LL * 24 * 3600 * 1000);
    record(fixture->store, 3, 0);
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 30);
    for (int i = 0; i < 3000 && runs_in(fixture->store) > 3; i++)
        usleep(10000);
    assert_int_equal(runs_in(fixture->store), 3);
}

static bool add_old_change(struct database *db, void *context, struct error *err)
{
    struct audit_row row = {
        .at_ms = 1, .actor = "me", .action = "tenant.create", .target = "a", .detail = "{}"};
    (void)context;
    return audit_add(db, &row, err);
}

static void take_line(void *count, const struct audit_row *row)
{
    (void)row;
    ++*(unsigned *)count;
}

static bool count_changes(struct database *db, void *count, struct error *err)
{
    *(unsigned *)count = 0;
    return audit_list(db, NULL, 0, 10, take_line, count, err);
}

static void old_lines_of_the_audit_log_go_at_the_next_start(void **state)
{
    struct store_fixture *fixture = *state;
    struct error err;
    unsigned count;
    assert_true(store_transact(fixture->store, add_old_change, NULL, &err));
    assert_true(store_read(fixture->store, count_changes, &count, &err));
    assert_int_equal(count, 1);
    store_close(fixture->store);
    struct store_options options = {.state_dir = fixture->folder, .audit_age_days_max = 400};
    fixture->store = store_open(&options, &err);
    assert_non_null(fixture->store);
    for (int i = 0; i < 3000 && count > 0; i++) {
        assert_true(store_read(fixture->store, count_changes, &count, &err));
        usleep(10000);
    }
    assert_int_equal(count, 0);
}

static void without_bounds_every_run_stays(void **state)
{
    struct store_fixture *fixture = *state;
    record(fixture->store, 300, 1000);
    record(fixture->store, 2 * PRUNE_EVERY, 0);
    assert_int_equal(runs_in(fixture->store), 300 + 2 * PRUNE_EVERY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_beyond_the_greatest_number_go_the_oldest_first, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(runs_beyond_the_greatest_age_go, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(runs_that_are_too_old_go_at_the_next_start_too, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(old_lines_of_the_audit_log_go_at_the_next_start, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(without_bounds_every_run_stays, store_set_up, store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
