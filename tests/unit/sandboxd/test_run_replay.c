// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/store_state.h"

#include <signal.h>
#include <sys/wait.h>

struct counted {
    uint64_t runs, cpu_us, summed_runs, summed_cpu_us;
};

static bool count(struct database *db, void *counted_, struct error *err)
{
    struct counted *counted = counted_;
    autostatement struct statement of_runs = statement_make(db, "SELECT count(*), sum(cpu_us) FROM runs");
    autostatement struct statement of_days =
        statement_make(db, "SELECT sum(runs), sum(cpu_us) FROM usage_daily");
    if (statement_row(&of_runs) && statement_row(&of_days))
        *counted =
            (struct counted){(uint64_t)column_integer(&of_runs, 0), (uint64_t)column_integer(&of_runs, 1),
                             (uint64_t)column_integer(&of_days, 0), (uint64_t)column_integer(&of_days, 1)};
    return statement_done(&of_runs, err) && statement_done(&of_days, err);
}

// As a process that is killed: what it recorded, and no more.
static void record_and_die(struct store_fixture *fixture, unsigned runs, bool after_a_read)
{
    store_close(fixture->store);
    pid_t child = fork();
    if (child == 0) {
        fixture_open_bounded(fixture, 0, 0);
        struct counted ignored;
        for (unsigned i = 0; i < runs; i++) {
            struct run_record record = fixture_run("default", OUTCOME_OK, 1);
            if (!store_record_run(fixture->store, &record))
                _exit(1);
            if (after_a_read && i == runs / 2 && !store_read(fixture->store, count, &ignored, NULL))
                _exit(1);
        }
        raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    fixture_open_bounded(fixture, 0, 0);
}

static void assert_runs(struct store_fixture *fixture, uint64_t runs)
{
    struct counted counted;
    assert_true(store_read(fixture->store, count, &counted, NULL));
    assert_int_equal(counted.runs, runs);
    assert_int_equal(counted.cpu_us, runs);
    assert_int_equal(counted.summed_runs, runs);
    assert_int_equal(counted.summed_cpu_us, runs);
}

static void what_was_recorded_before_a_kill_is_written_by_the_next_start(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t recovered;
    record_and_die(fixture, 100, false);
    assert_true(store_was_interrupted(fixture->store, &recovered));
    assert_true(recovered > 0 && recovered <= 100);
    assert_runs(fixture, 100);
}

static void nothing_is_written_twice_however_often_it_is_killed(void **state)
{
    struct store_fixture *fixture = *state;
    for (unsigned i = 1; i <= 20; i++) {
        record_and_die(fixture, 50, i % 2 == 0);
        assert_runs(fixture, 50 * (uint64_t)i);
    }
    uint64_t recovered;
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 0);
    assert_false(store_was_interrupted(fixture->store, &recovered));
    assert_int_equal(recovered, 0);
    assert_runs(fixture, 1000);
}

static void a_run_that_is_in_the_store_stays_as_it_is(void **state)
{
    struct store_fixture *fixture = *state;
    record_and_die(fixture, 10, false);
    store_close(fixture->store);
    // A mark from before them, as in a copy of the store that is older than the journal.
    struct run_journal journal;
    struct journal_aside aside;
    struct database *db;
    char path[128];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/sandboxd.db", fixture->folder);
    assert_true(run_journal_open(&journal, fixture->folder, &aside, &err));
    assert_true(database_open(path, true, &db, &err));
    struct statement insert = run_insert_statement(db);
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    assert_true(run_insert(&insert, &record, &err));
    run_journal_put(&journal, 7, 1000, &record);
    record = fixture_run("default", OUTCOME_OK, 1);
    run_journal_put(&journal, 1, 1001, &record); // not in its place
    statement_free(&insert);
    database_close(db);
    run_journal_close(&journal);
    fixture_open_bounded(fixture, 0, 0);
    struct counted counted;
    assert_true(store_read(fixture->store, count, &counted, NULL));
    assert_int_equal(counted.runs, 12);
    assert_int_equal(counted.summed_runs, 11); // the one that was put there by hand is in no sum
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_recorded_before_a_kill_is_written_by_the_next_start,
                                        store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_written_twice_however_often_it_is_killed, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_is_in_the_store_stays_as_it_is, store_set_up,
                                        store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
