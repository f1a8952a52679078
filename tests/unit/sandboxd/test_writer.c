// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "base/clock.h"
#include "sandboxd/store/store_state.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

// As a full disk: no run can be written, until it is mended.
static bool break_store(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db,
                            "CREATE TRIGGER broken AFTER INSERT ON runs BEGIN "
                            "SELECT abs(-9223372036854775807 - 1); END",
                            err);
}

static bool mend_store(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db, "DROP TRIGGER broken", err);
}

static void record_runs(struct store_fixture *fixture, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct run_record record = fixture_run("default", OUTCOME_OK, 1);
        assert_true(store_record_run(fixture->store, &record));
    }
}

static struct store_figures after_failing(struct store *store)
{
    struct store_figures figures;
    do
        store_read_figures(store, &figures);
    while (!figures.failing);
    return figures;
}

static bool count_runs(struct database *db, void *ret_count, struct error *err)
{
    return runs_count(db, ret_count, err);
}

static void assert_kept(struct store_fixture *fixture, uint64_t runs)
{
    uint64_t count = 0;
    assert_true(store_read(fixture->store, count_runs, &count, NULL));
    assert_int_equal(count, runs);
}

static struct store_figures after_settling(struct store *store)
{
    struct store_figures figures;
    do
        store_read_figures(store, &figures);
    while (figures.queued > 0);
    return figures;
}

static void runs_wait_for_a_store_that_fails_and_are_complained_of_once(void **state)
{
    struct store_fixture *fixture = *state;
    struct error err = {0};
    assert_true(store_transact(fixture->store, break_store, NULL, &err));
    record_runs(fixture, 600); // more than a batch
    struct store_figures figures = after_failing(fixture->store);
    record_runs(fixture, 10);
    assert_kept(fixture, 0); // readers do not wait for what cannot be written
    assert_int_equal(figures.dropped_store_failed, 0);
    assert_int_equal(fixture->complaints, 1);
    assert_true(store_transact(fixture->store, mend_store, NULL, &err));
    figures = after_settling(fixture->store);
    assert_int_equal(figures.written, 610);
    assert_kept(fixture, 610);
}

static void only_a_full_queue_leaves_runs_out(void **state)
{
    struct store_fixture *fixture = *state;
    struct error err = {0};
    assert_true(store_transact(fixture->store, break_store, NULL, &err));
    record_runs(fixture, QUEUE_CAPACITY);
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    assert_false(store_record_run(fixture->store, &record));
    assert_true(store_transact(fixture->store, mend_store, NULL, &err));
    struct store_figures figures = after_settling(fixture->store);
    assert_int_equal(figures.dropped_queue_full, 1);
    assert_kept(fixture, QUEUE_CAPACITY);
}

static void what_could_not_be_written_outlives_stops(void **state)
{
    struct store_fixture *fixture = *state;
    struct error err = {0};
    uint64_t recovered;
    assert_true(store_transact(fixture->store, break_store, NULL, &err));
    record_runs(fixture, 600);
    for (unsigned i = 0; i < 2; i++) {
        store_close(fixture->store);
        fixture_open_bounded(fixture, 0, 0); // also while it fails
        assert_false(store_was_interrupted(fixture->store, &recovered));
        assert_int_equal(recovered, 600);
        assert_int_equal(after_failing(fixture->store).queued, 600);
    }
    record_runs(fixture, 5);
    assert_true(store_transact(fixture->store, mend_store, NULL, &err));
    after_settling(fixture->store);
    assert_kept(fixture, 605);
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 0);
    store_was_interrupted(fixture->store, &recovered);
    assert_int_equal(recovered, 0);
}

static void one_bad_record_does_not_stop_the_next_batch(void **state)
{
    struct store_fixture *fixture = *state;
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    assert_true(store_record_run(fixture->store, &record));
    assert_true(store_record_run(fixture->store, &record)); // the same id twice
    struct store_figures figures = after_settling(fixture->store);
    assert_int_equal(figures.dropped_store_failed, 1);
    assert_int_equal(figures.written, 1);
    assert_int_equal(fixture->complaints, 1);
}

static bool do_nothing(struct database *db, void *context, struct error *err)
{
    (void)db;
    (void)context;
    (void)err;
    return true;
}

struct stream {
    struct store *store;
    _Atomic bool stop;
};

static void *transact_on_and_on(void *stream_)
{
    struct stream *stream = stream_;
    struct error err = {0};
    while (!atomic_load(&stream->stop))
        store_transact(stream->store, do_nothing, NULL, &err);
    return NULL;
}

static void a_stream_of_transactions_does_not_keep_runs_waiting(void **state)
{
    enum { PEERS = 4, PATIENCE_S = 30 };
    struct store_fixture *fixture = *state;
    struct stream stream = {.store = fixture->store};
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    struct store_figures figures;
    pthread_t peers[PEERS];
    for (unsigned i = 0; i < PEERS; i++)
        assert_int_equal(pthread_create(&peers[i], NULL, transact_on_and_on, &stream), 0);
    for (unsigned i = 0; i < 10; i++) {
        uuid_v7(record.id);
        assert_true(store_record_run(fixture->store, &record));
    }
    uint64_t end_ns = clock_monotonic_ns() + PATIENCE_S * NS_PER_S;
    do {
        usleep(1000);
        store_read_figures(fixture->store, &figures);
    } while (figures.written < 10 && clock_monotonic_ns() < end_ns);
    atomic_store(&stream.stop, true);
    for (unsigned i = 0; i < PEERS; i++)
        pthread_join(peers[i], NULL);
    assert_int_equal(figures.written, 10); // while the stream went on
}

// SQLite asks it of every ROLLBACK, and the first is refused: as if there were no memory for it.
static int refuse_first_rollback(void *refused_, int action, const char *operation, const char *unused_a,
                                 const char *unused_b, const char *unused_c)
{
    (void)unused_a, (void)unused_b, (void)unused_c;
    bool *refused = refused_;
    if (action != SQLITE_TRANSACTION || strcmp(operation, "ROLLBACK") != 0 || *refused)
        return SQLITE_OK;
    *refused = true;
    return SQLITE_DENY;
}

static bool fail_without_rollback(struct database *db, void *refused, struct error *err)
{
    sqlite3_set_authorizer(database_sqlite(db), refuse_first_rollback, refused);
    return error_set(err, ERROR_MEMORY, "out of memory");
}

static void a_transaction_that_could_not_be_ended_does_not_stop_the_next(void **state)
{
    struct store_fixture *fixture = *state;
    bool refused = false;
    struct error err = {0};
    assert_false(store_transact(fixture->store, fail_without_rollback, &refused, &err));
    assert_true(refused);
    assert_true(store_transact(fixture->store, break_store, NULL, &err));
    assert_true(store_transact(fixture->store, mend_store, NULL, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_wait_for_a_store_that_fails_and_are_complained_of_once,
                                        store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(only_a_full_queue_leaves_runs_out, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(what_could_not_be_written_outlives_stops, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(one_bad_record_does_not_stop_the_next_batch, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_transaction_that_could_not_be_ended_does_not_stop_the_next,
                                        store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(a_stream_of_transactions_does_not_keep_runs_waiting, store_set_up,
                                        store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
