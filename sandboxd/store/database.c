// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/database.h"

#include "sandboxd/store/migrations.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUSY_MS = 5000 };

struct database {
    sqlite3 *sqlite;
};

struct sqlite3 *database_sqlite(const struct database *db)
{
    return db->sqlite;
}

int64_t database_changes(const struct database *db)
{
    return sqlite3_changes64(db->sqlite);
}

void database_close(struct database *db)
{
    if (db == NULL)
        return;
    sqlite3_close(db->sqlite);
    free(db);
}

bool database_error(struct database *db, struct error *err, const char *what)
{
    switch (sqlite3_errcode(db->sqlite)) {
    case SQLITE_FULL:
        return error_set(err, ERROR_SYSTEM, "%s: the disk is full", what);
    case SQLITE_CONSTRAINT:
        return error_set(err, ERROR_CONFLICT, "%s: %s", what, sqlite3_errmsg(db->sqlite));
    case SQLITE_NOMEM:
        return error_set(err, ERROR_MEMORY, "%s: out of memory", what);
    default:
        return error_set(err, ERROR_SYSTEM, "%s: %s", what, sqlite3_errmsg(db->sqlite));
    }
}

bool database_execute(struct database *db, const char *sql, struct error *err)
{
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK || database_error(db, err, "store");
}

bool database_settle(struct database *db, struct error *err)
{
    return sqlite3_get_autocommit(db->sqlite) || database_execute(db, "ROLLBACK", err);
}

bool database_begin(struct database *db, const char *begin, struct error *err)
{
    return database_settle(db, err) && database_execute(db, begin, err);
}

bool database_end(struct database *db, bool good, struct error *err)
{
    if (good && database_execute(db, "COMMIT", err))
        return true;
    sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

// NORMAL: a power cut may lose the last moments of history, never the file's consistency. What has to be safe
// before it is answered is written with FULL (writer.c).
static const char pragmas[] = "PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = NORMAL;"
                              "PRAGMA foreign_keys = ON;"
                              "PRAGMA trusted_schema = OFF;"
                              "PRAGMA cache_size = -2048;"
                              "PRAGMA journal_size_limit = 16777216;";

static bool open_file(const char *path, bool writable, sqlite3 **ret_sqlite, struct error *err)
{
    int flags =
        SQLITE_OPEN_NOMUTEX | (writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (sqlite3_open_v2(path, ret_sqlite, flags, NULL) == SQLITE_OK)
        return true;
    return error_set(err, ERROR_SYSTEM, "%s: %s%s", path,
                     *ret_sqlite ? sqlite3_errmsg(*ret_sqlite) : "out of memory",
                     *ret_sqlite && writable ? "; set state_dir to one that can be written" : "");
}

bool database_open(const char *path, bool writable, struct database **ret_db, struct error *err)
{
    struct database *db = calloc(1, sizeof *db);
    if (db == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for the store");
    if (!open_file(path, writable, &db->sqlite, err)) {
        database_close(db);
        return false;
    }
    sqlite3_extended_result_codes(db->sqlite, 0);
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (writable && !database_execute(db, pragmas, err)) {
        error_prefix(err, "%s", path);
        database_close(db);
        return false;
    }
    *ret_db = db;
    return true;
}

bool database_version(struct database *db, int64_t *ret_version, struct error *err)
{
    autostatement struct statement read = statement_make(db, "PRAGMA user_version");
    if (statement_row(&read))
        *ret_version = column_integer(&read, 0);
    return statement_done(&read, err);
}

static bool apply_step(struct database *db, unsigned step, struct error *err)
{
    char mark[64];
    snprintf(mark, sizeof mark, "PRAGMA user_version = %u", step + 1);
    if (database_begin(db, "BEGIN IMMEDIATE", err) &&
        database_end(db, database_execute(db, migration_table[step], err) && database_execute(db, mark, err),
                     err))
        return true;
    return error_prefix(err, "bringing the store to version %u", step + 1);
}

bool database_migrate(struct database *db, struct error *err)
{
    int64_t version = 0;
    if (!database_version(db, &version, err))
        return false;
    if (version < 0 || version > migration_count)
        return error_set(
            err, ERROR_UNSUPPORTED,
            "the store is of version %lld, and this sandboxd knows up to %u: it was written by a newer "
            "one",
            (long long)version, migration_count);
    for (unsigned step = (unsigned)version; step < migration_count; step++)
        if (!apply_step(db, step, err))
            return false;
    return true;
}

struct statement statement_make(struct database *db, const char *sql)
{
    struct statement statement = {.db = db, .next = 1};
    if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement.prepared, NULL) !=
        SQLITE_OK) {
        statement.failed = true;
        database_error(db, &statement.err, "store");
    }
    return statement;
}

void statement_free(struct statement *statement)
{
    sqlite3_finalize(statement->prepared);
    statement->prepared = NULL;
}

static void check(struct statement *statement, int code)
{
    if (code == SQLITE_OK || statement->failed)
        return;
    statement->failed = true;
    database_error(statement->db, &statement->err, "store");
}

void bind_bytes(struct statement *statement, struct bytes text)
{
    if (!statement->failed)
        check(statement,
              sqlite3_bind_text64(statement->prepared, statement->next++, text.data ? text.data : "",
                                  text.length, SQLITE_STATIC, SQLITE_UTF8));
}

void bind_text(struct statement *statement, const char *text)
{
    if (text)
        bind_bytes(statement, bytes_of_text(text));
    else
        bind_null(statement);
}

void bind_blob(struct statement *statement, const void *data, size_t length)
{
    if (!statement->failed)
        check(statement,
              sqlite3_bind_blob64(statement->prepared, statement->next++, data, length, SQLITE_STATIC));
}

void bind_integer(struct statement *statement, int64_t value)
{
    if (!statement->failed)
        check(statement, sqlite3_bind_int64(statement->prepared, statement->next++, value));
}

void bind_null(struct statement *statement)
{
    if (!statement->failed)
        check(statement, sqlite3_bind_null(statement->prepared, statement->next++));
}

bool statement_row(struct statement *statement)
{
    if (statement->failed)
        return false;
    int code = sqlite3_step(statement->prepared);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        check(statement, code);
    return false;
}

bool statement_done(struct statement *statement, struct error *err)
{
    if (!statement->failed)
        return true;
    if (err)
        *err = statement->err;
    return false;
}

void statement_reset(struct statement *statement)
{
    // Its code is that of the last step, which has been seen.
    sqlite3_reset(statement->prepared);
    statement->next = 1;
    // A statement that was prepared can be run again, whatever became of its last run.
    statement->failed = statement->prepared == NULL;
}

bool statement_run(struct statement *statement, struct error *err)
{
    while (statement_row(statement))
        continue;
    bool done = statement_done(statement, err);
    statement_reset(statement);
    return done;
}

const char *column_text(struct statement *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement->prepared, column);
    return text ? (const char *)text : "";
}

struct bytes column_bytes(struct statement *statement, int column)
{
    const void *data = sqlite3_column_blob(statement->prepared, column);
    return bytes_of(data, (size_t)sqlite3_column_bytes(statement->prepared, column));
}

int64_t column_integer(struct statement *statement, int column)
{
    return sqlite3_column_int64(statement->prepared, column);
}

bool column_is_null(struct statement *statement, int column)
{
    return sqlite3_column_type(statement->prepared, column) == SQLITE_NULL;
}
