// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/store_state.h"

#include <pthread.h>
#include <semaphore.h>

static bool count_runs(struct database *db, void *count, struct error *err)
{
    return runs_count(db, count, err);
}

static uint64_t runs_in(struct store *store)
{
    uint64_t count = 0;
    struct error err = {0};
    if (!store_read(store, count_runs, &count, &err))
        fail_msg("%s", err.text);
    return count;
}

static void a_read_sees_everything_recorded_before_it(void **state)
{
    struct store_fixture *fixture = *state;
    for (unsigned i = 1; i <= 700; i++) {
        struct run_record record = fixture_run("default", OUTCOME_OK, i);
        assert_true(store_record_run(fixture->store, &record));
        if (i % 100 == 0)
            assert_int_equal(runs_in(fixture->store), i);
    }
    struct store_figures figures;
    store_read_figures(fixture->store, &figures);
    assert_int_equal(figures.written, 700);
    assert_int_equal(figures.queued, 0);
}

static void closing_writes_what_is_queued(void **state)
{
    struct store_fixture *fixture = *state;
    for (unsigned i = 0; i < 600; i++) {
        struct run_record record = fixture_run("default", OUTCOME_OK, i);
        assert_true(store_record_run(fixture->store, &record));
    }
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 0);
    assert_int_equal(runs_in(fixture->store), 600);
}

struct gate {
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

struct stuck {
    struct store *store;
    struct gate gate;
};

static void *transact_slowly(void *stuck_)
{
    struct stuck *stuck = stuck_;
    assert_true(store_transact(stuck->store, wait_at_gate, &stuck->gate, NULL));
    return NULL;
}

// With the writer stuck, recording goes on until the queue is full, and then leaves runs out: it never waits.
static void a_stuck_writer_costs_history_and_never_time(void **state)
{
    struct store_fixture *fixture = *state;
    struct stuck stuck = {.store = fixture->store};
    pthread_t thread;
    sem_init(&stuck.gate.entered, 0, 0);
    sem_init(&stuck.gate.leave, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, transact_slowly, &stuck), 0);
    sem_wait(&stuck.gate.entered);
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    for (unsigned i = 0; i < QUEUE_CAPACITY; i++) {
        uuid_v7(record.id);
        assert_true(store_record_run(fixture->store, &record));
    }
    for (unsigned i = 0; i < 10; i++)
        assert_false(store_record_run(fixture->store, &record));
    struct store_figures figures;
    store_read_figures(fixture->store, &figures);
    assert_int_equal(figures.queued, QUEUE_CAPACITY);
    assert_int_equal(figures.dropped_queue_full, 10);
    sem_post(&stuck.gate.leave);
    pthread_join(thread, NULL);
    assert_int_equal(runs_in(fixture->store), QUEUE_CAPACITY);
}

static bool put_row(struct database *db, void *name, struct error *err)
{
    autostatement struct statement put =
        statement_make(db, "INSERT INTO policy_documents VALUES (?, 'x', NULL, 1, 'y')");
    bind_text(&put, name);
    return statement_run(&put, err);
}

static bool put_row_and_fail(struct database *db, void *name, struct error *err)
{
    return put_row(db, name, err) && error_set(err, ERROR_INVALID, "on second thoughts");
}

static bool count_rows(struct database *db, void *count, struct error *err)
{
    autostatement struct statement ask = statement_make(db, "SELECT count(*) FROM policy_documents");
    if (statement_row(&ask))
        *(int64_t *)count = column_integer(&ask, 0);
    return statement_done(&ask, err);
}

static void a_transaction_is_kept_whole_or_not_at_all(void **state)
{
    struct store_fixture *fixture = *state;
    struct error err = {0};
    char one[] = "one", two[] = "two";
    int64_t count = -1;
    assert_true(store_transact(fixture->store, put_row, one, &err));
    assert_false(store_transact(fixture->store, put_row_and_fail, two, &err));
    assert_string_equal(err.text, "on second thoughts");
    assert_false(store_transact(fixture->store, put_row, one, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_true(store_read(fixture->store, count_rows, &count, &err));
    assert_int_equal(count, 1);
}

static void *record_many(void *store)
{
    for (unsigned i = 0; i < 500; i++) {
        struct run_record record = fixture_run("default", OUTCOME_OK, i);
        store_record_run(store, &record);
    }
    return NULL;
}

static void many_threads_record_without_losing_a_run(void **state)
{
    struct store_fixture *fixture = *state;
    pthread_t threads[4];
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, record_many, fixture->store), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(runs_in(fixture->store), 2000);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_options options = {.state_dir = "/nonexistent/folder"};
    assert_null(store_open(&options, &err));
    assert_non_null(strstr(err.text, "/nonexistent/folder"));
    assert_non_null(strstr(err.text, "state_dir"));
}

static void a_folder_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_options options = {.state_dir = "/proc/self/fdinfo"}; // not even root's to write
    assert_null(store_open(&options, &err));
    assert_non_null(strstr(err.text, "/proc/self/fdinfo"));
    assert_non_null(strstr(err.text, "set state_dir to one that can be written"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_read_sees_everything_recorded_before_it, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(closing_writes_what_is_queued, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(a_stuck_writer_costs_history_and_never_time, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_transaction_is_kept_whole_or_not_at_all, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(many_threads_record_without_losing_a_run, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_told, store_set_up, store_tear_down),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
