// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "base/clock.h"
#include "sandboxd/store/store_state.h"

#include <stdatomic.h>

static bool drop_table(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db, "ALTER TABLE runs RENAME TO hidden", err);
}

static bool bring_back(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db, "ALTER TABLE hidden RENAME TO runs", err);
}

static struct store_figures after_settling(struct store *store)
{
    struct store_figures figures;
    do
        store_read_figures(store, &figures);
    while (figures.queued > 0);
    return figures;
}

static void a_store_that_fails_is_complained_of_once_and_goes_on_later(void **state)
{
    struct store_fixture *fixture = *state;
    struct error err = {0};
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    assert_true(store_transact(fixture->store, drop_table, NULL, &err));
    struct store_figures figures;
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned j = 0; j < 100; j++) {
            uuid_v7(record.id);
            assert_true(store_record_run(fixture->store, &record));
        }
        figures = after_settling(fixture->store);
    }
    assert_true(figures.failing);
    assert_int_equal(figures.dropped_store_failed, 500);
    assert_int_equal(fixture->complaints, 1);
    assert_true(store_transact(fixture->store, bring_back, NULL, &err));
    // It is tried again a second after the failure.
    do {
        uuid_v7(record.id);
        assert_true(store_record_run(fixture->store, &record));
        figures = after_settling(fixture->store);
        usleep(10000);
    } while (figures.failing);
    assert_true(figures.written > 0);
}

static void one_bad_record_does_not_stop_the_next_batch(void **state)
{
    struct store_fixture *fixture = *state;
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    assert_true(store_record_run(fixture->store, &record));
    assert_true(store_record_run(fixture->store, &record)); // the same id twice
    struct store_figures figures = after_settling(fixture->store);
    // On a busy machine the first may be in a batch of its own.
    assert_in_range(figures.dropped_store_failed, 1, 2);
    assert_int_equal(figures.written + figures.dropped_store_failed, 2);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_store_that_fails_is_complained_of_once_and_goes_on_later,
                                        store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(one_bad_record_does_not_stop_the_next_batch, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_stream_of_transactions_does_not_keep_runs_waiting, store_set_up,
                                        store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
