// SPDX-License-Identifier: Apache-2.0
// One connection to the store's SQLite file, and the statements on it: errors as ours, values bound by place,
// columns read with their type. A connection belongs to one thread at a time. Only for sandboxd/store/: the
// others hand a connection on to the functions of the *_rows.h, without a look at it.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct database;
struct sqlite3;
struct sqlite3_stmt;

// Opens (and with `writable` makes) the file: WAL, foreign keys on, a busy time-out.
bool database_open(const char *path, bool writable, struct database **ret_db, struct error *err);
void database_close(struct database *db); // NULL is fine
// What only SQLite itself can be asked.
struct sqlite3 *database_sqlite(const struct database *db);
// How many rows the last statement changed.
int64_t database_changes(const struct database *db);
// How many steps of the schema the file has seen.
bool database_version(struct database *db, int64_t *ret_version, struct error *err);
// Brings the schema to the newest version, one transaction a step. A newer one than ours is an error: this
// program is older than the one that wrote it.
bool database_migrate(struct database *db, struct error *err);
// Runs SQL that gives no rows. False with the text of SQLite.
bool database_execute(struct database *db, const char *sql, struct error *err);
// Rolls a transaction back that could not be ended, if there is one. To end one takes memory; a moment
// without must not cost the connection, nor what can't be said within a transaction (PRAGMA synchronous).
bool database_settle(struct database *db, struct error *err);
// A transaction: SQL "BEGIN" or "BEGIN IMMEDIATE" once the connection is settled.
bool database_begin(struct database *db, const char *begin, struct error *err);
// Commits if the work was `good`; else, and if that fails, rolls back. Gives whether it is committed.
bool database_end(struct database *db, bool good, struct error *err);
// ERROR_CONFLICT for a broken constraint, ERROR_MEMORY, else (a full disk, too) ERROR_SYSTEM without an
// errno.
bool database_error(struct database *db, struct error *err, const char *what);

// A prepared statement. After a failure every call is without effect, and statement_done tells it.
struct statement {
    struct database *db;
    struct sqlite3_stmt *prepared;
    int next; // place to bind
    bool failed;
    struct error err;
};

struct statement statement_make(struct database *db, const char *sql);
void statement_free(struct statement *statement);
#define autostatement __attribute__((cleanup(statement_free)))

// Bind the next place. NULL texts are bound as NULL; texts and blobs must live until the next reset.
void bind_text(struct statement *statement, const char *text);
void bind_bytes(struct statement *statement, struct bytes text);
void bind_blob(struct statement *statement, const void *data, size_t length);
void bind_integer(struct statement *statement, int64_t value);
void bind_null(struct statement *statement);

// True while there is a row. After false, statement_done tells whether it was the end or a failure.
bool statement_row(struct statement *statement);
// Runs a statement without rows to its end, and makes it ready for the next binding.
bool statement_run(struct statement *statement, struct error *err);
bool statement_done(struct statement *statement, struct error *err);
// Ready to be bound and run again.
void statement_reset(struct statement *statement);

// Of the current row. Borrowed until the next row; "" for NULL.
const char *column_text(struct statement *statement, int column);
struct bytes column_bytes(struct statement *statement, int column);
int64_t column_integer(struct statement *statement, int column);
bool column_is_null(struct statement *statement, int column);
