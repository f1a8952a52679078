// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/reply_rows.h"

#include "sandboxd/store/database.h"

static bool put(struct database *db, const struct reply_row *rows, size_t count, struct error *err)
{
    autostatement struct statement put =
        statement_make(db, "INSERT OR REPLACE INTO replies (tenant_id, id, body_sha256, at_ms, sealed) "
                           "VALUES (?, ?, ?, ?, ?)");
    for (size_t i = 0; i < count; i++) {
        const struct reply_row *row = &rows[i];
        bind_text(&put, row->tenant);
        bind_blob(&put, row->id, REPLY_HASH_SIZE);
        bind_blob(&put, row->body_sha256, REPLY_HASH_SIZE);
        bind_integer(&put, row->at_ms);
        bind_blob(&put, row->sealed.data, row->sealed.length);
        if (!statement_run(&put, err))
            return false;
    }
    return true;
}

bool reply_put(struct database *db, const struct reply_row *row, struct error *err)
{
    return put(db, row, 1, err);
}

bool replies_put(struct database *db, const struct reply_row *rows, size_t count, int64_t drop_before_ms,
                 struct error *err)
{
    autostatement struct statement drop = statement_make(db, "DELETE FROM replies WHERE at_ms < ?");
    bind_integer(&drop, drop_before_ms);
    return statement_run(&drop, err) && put(db, rows, count, err);
}

bool reply_delete(struct database *db, const char *tenant, const unsigned char *id, struct error *err)
{
    autostatement struct statement drop =
        statement_make(db, "DELETE FROM replies WHERE tenant_id = ? AND id = ?");
    bind_text(&drop, tenant);
    bind_blob(&drop, id, REPLY_HASH_SIZE);
    return statement_run(&drop, err);
}

bool reply_read(struct database *db, const char *tenant, const unsigned char *id,
                bool (*take)(void *context, struct bytes sealed), void *context, struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT sealed FROM replies WHERE tenant_id = ? AND id = ?");
    bind_text(&read, tenant);
    bind_blob(&read, id, REPLY_HASH_SIZE);
    if (statement_row(&read))
        return take(context, column_bytes(&read, 0)) || error_set(err, ERROR_MEMORY, "out of memory");
    return statement_done(&read, err) && error_set(err, ERROR_NOT_FOUND, "the answer is no longer kept");
}

bool replies_list(struct database *db, int64_t since_ms,
                  bool (*take)(void *context, const struct reply_row *row), void *context, struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT tenant_id, id, body_sha256, at_ms, length(sealed) FROM replies "
                           "WHERE at_ms >= ? ORDER BY at_ms");
    bind_integer(&read, since_ms);
    while (statement_row(&read)) {
        struct reply_row row = {.tenant = column_text(&read, 0),
                                .id = (const unsigned char *)column_bytes(&read, 1).data,
                                .body_sha256 = (const unsigned char *)column_bytes(&read, 2).data,
                                .at_ms = column_integer(&read, 3),
                                .sealed = bytes_of(NULL, (size_t)column_integer(&read, 4))};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}
