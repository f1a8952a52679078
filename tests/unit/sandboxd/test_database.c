// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/database.h"
#include "sandboxd/store/migrations.h"

static sqlite3 *open_at(const struct store_fixture *fixture, bool writable)
{
    char path[128];
    struct error err = {0};
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/sandboxd.db", fixture->folder);
    if (!database_open(path, writable, &db, &err))
        fail_msg("%s", err.text);
    return db;
}

static void values_come_back_as_they_were_bound(void **state)
{
    sqlite3 *db = open_at(*state, true);
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
    sqlite3_close(db);
}

static void a_failure_sticks_until_the_statement_is_reset(void **state)
{
    sqlite3 *db = open_at(*state, true);
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
    sqlite3_close(db);
}

static void a_reader_cannot_write(void **state)
{
    sqlite3 *db = open_at(*state, false);
    struct error err = {0};
    assert_false(database_execute(db, "DELETE FROM runs", &err));
    sqlite3_close(db);
}

static void types_of_columns_are_held(void **state)
{
    sqlite3 *db = open_at(*state, true);
    struct error err = {0};
    assert_false(
        database_execute(db, "INSERT INTO policy_documents VALUES ('n', 'x', NULL, 'soon', 'y')", &err));
    sqlite3_close(db);
}

static void migrating_twice_changes_nothing(void **state)
{
    sqlite3 *db = open_at(*state, true);
    struct error err = {0};
    assert_true(database_migrate(db, &err));
    autostatement struct statement version = statement_make(db, "PRAGMA user_version");
    assert_true(statement_row(&version));
    assert_int_equal(column_integer(&version, 0), migration_count);
    statement_free(&version);
    sqlite3_close(db);
}

static void a_store_of_a_newer_release_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    sqlite3 *db = open_at(fixture, true);
    struct error err = {0};
    assert_true(database_execute(db, "PRAGMA user_version = 9999", &err));
    assert_false(database_migrate(db, &err));
    assert_int_equal(err.kind, ERROR_UNSUPPORTED);
    struct store_options options = {.state_dir = fixture->folder};
    store_close(fixture->store);
    fixture->store = NULL;
    assert_null(store_open(&options, &err));
    assert_non_null(strstr(err.text, "newer"));
    sqlite3_close(db);
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
        cmocka_unit_test_setup_teardown(a_store_of_a_newer_release_is_refused, store_set_up, store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
