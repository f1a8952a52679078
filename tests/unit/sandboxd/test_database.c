// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/database.h"
#include "sandboxd/store/migrations.h"
#include "sandboxd/store/run_rows.h"

static struct database *open_at(const struct store_fixture *fixture, bool writable)
{
    char path[128];
    struct error err = {0};
    struct database *db = NULL;
    snprintf(path, sizeof path, "%s/sandboxd.db", fixture->folder);
    if (!database_open(path, writable, &db, &err))
        fail_msg("%s", err.text);
    return db;
}

static void values_come_back_as_they_were_bound(void **state)
{
    struct database *db = open_at(*state, true);
    struct error err = {0};
    autostatement struct statement ask = statement_make(db, "SELECT ?, ?, ?, ?, ?");
    bind_integer(&ask, -5);
    bind_text(&ask, "text");
    bind_text(&ask, NULL);
    bind_blob(&ask, "\0\1", 2);
    bind_bytes(&ask, bytes_of("ab\0c", 4));
    assert_true(statement_row(&ask));
    assert_int_equal(column_integer(&ask, 0), -5);
    assert_string_equal(column_text(&ask, 1), "text");
    assert_true(column_is_null(&ask, 2));
    assert_string_equal(column_text(&ask, 2), "");
    assert_true(bytes_equal(column_bytes(&ask, 3), bytes_of("\0\1", 2)));
    assert_int_equal(column_bytes(&ask, 4).length, 4);
    assert_false(statement_row(&ask));
    assert_true(statement_done(&ask, &err));
    statement_free(&ask);
    database_close(db);
}

static void a_failure_sticks_until_the_statement_is_reset(void **state)
{
    struct database *db = open_at(*state, true);
    struct error err = {0};
    autostatement struct statement put =
        statement_make(db, "INSERT INTO policy_documents VALUES (?, 'x', NULL, 1, 'y')");
    bind_text(&put, "a");
    assert_true(statement_run(&put, &err));
    bind_text(&put, "a");
    assert_false(statement_run(&put, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    bind_text(&put, "b");
    assert_true(statement_run(&put, &err));
    statement_free(&put);
    autostatement struct statement wrong = statement_make(db, "SELEKT");
    assert_false(statement_row(&wrong));
    bind_integer(&wrong, 1);
    assert_false(statement_done(&wrong, &err));
    assert_non_null(strstr(err.text, "SELEKT"));
    database_close(db);
}

static void a_reader_cannot_write(void **state)
{
    struct database *db = open_at(*state, false);
    struct error err = {0};
    assert_false(database_execute(db, "DELETE FROM runs", &err));
    database_close(db);
}

static void types_of_columns_are_held(void **state)
{
    struct database *db = open_at(*state, true);
    struct error err = {0};
    assert_false(
        database_execute(db, "INSERT INTO policy_documents VALUES ('n', 'x', NULL, 'soon', 'y')", &err));
    database_close(db);
}

static void migrating_twice_changes_nothing(void **state)
{
    struct database *db = open_at(*state, true);
    struct error err = {0};
    assert_true(database_migrate(db, &err));
    autostatement struct statement version = statement_make(db, "PRAGMA user_version");
    assert_true(statement_row(&version));
    assert_int_equal(column_integer(&version, 0), migration_count);
    statement_free(&version);
    database_close(db);
}

static void take_id(void *ids, const struct run_record *record)
{
    strcat(ids, record->id);
}

// A store as the release that knew `version` steps left it, with a run in it.
static struct database *open_old(unsigned version)
{
    char mark[64];
    struct database *db = NULL;
    struct error err = {0};
    assert_true(database_open(":memory:", true, &db, &err));
    for (unsigned step = 0; step < version; step++)
        if (!database_execute(db, migration_table[step], &err))
            fail_msg("%u: %s", step, err.text);
    snprintf(mark, sizeof mark, "PRAGMA user_version = %u", version);
    assert_true(database_execute(db, mark, &err));
    if (version > 0)
        assert_true(database_execute(db,
                                     "INSERT INTO runs (id, tenant, policy, policy_version, status, "
                                     "queue_us, wall_us, cpu_us, memory_bytes,"
                                     "  rss_bytes, output_bytes, log_bytes, limits, trace_id) VALUES"
                                     "  (x'0193d2a40001700080000000000000ff', 'acme', 'default', 'sha256:0', "
                                     "'ok', 1, 2, 3, 4, 5, 6, 7, x'', 'a')",
                                     &err));
    return db;
}

static void a_store_of_every_release_before_is_brought_to_the_newest_with_its_runs(void **state)
{
    static const struct run_filter filters[] = {
        {.limit = 2}, {.limit = 2, .tenant = "acme", .status = "ok"}, {.limit = 2, .trace_id = "a"}};
    (void)state;
    for (unsigned version = 0; version <= migration_count; version++) {
        struct database *db = open_old(version);
        struct error err = {0};
        if (!database_migrate(db, &err))
            fail_msg("from %u: %s", version, err.text);
        for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
            char ids[128] = "";
            assert_true(runs_list(db, &filters[i], take_id, ids, &err));
            assert_string_equal(ids, version > 0 ? "0193d2a4-0001-7000-8000-0000000000ff" : "");
        }
        database_close(db);
    }
}

// A bound of ours is something else: callers take that for their own.
static void a_full_disk_is_the_systems_failure(void **state)
{
    struct database *db = open_at(*state, true);
    struct error err = {0};
    assert_true(database_execute(db, "PRAGMA max_page_count = 1", &err));
    assert_false(database_execute(db, "CREATE TABLE big AS SELECT zeroblob(1 << 20) AS content", &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_non_null(strstr(err.text, "the disk is full"));
    database_close(db);
}

static void a_store_of_a_newer_release_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    struct database *db = open_at(fixture, true);
    struct error err = {0};
    assert_true(database_execute(db, "PRAGMA user_version = 9999", &err));
    assert_false(database_migrate(db, &err));
    assert_int_equal(err.kind, ERROR_UNSUPPORTED);
    struct store_options options = {.state_dir = fixture->folder};
    store_close(fixture->store);
    fixture->store = NULL;
    assert_null(store_open(&options, &err));
    assert_non_null(strstr(err.text, "newer"));
    database_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_come_back_as_they_were_bound, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(a_failure_sticks_until_the_statement_is_reset, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_reader_cannot_write, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(types_of_columns_are_held, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(migrating_twice_changes_nothing, store_set_up, store_tear_down),
        cmocka_unit_test(a_store_of_every_release_before_is_brought_to_the_newest_with_its_runs),
        cmocka_unit_test_setup_teardown(a_full_disk_is_the_systems_failure, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(a_store_of_a_newer_release_is_refused, store_set_up, store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
