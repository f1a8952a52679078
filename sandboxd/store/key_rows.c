// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/key_rows.h"

#include "sandboxd/store/database.h"

enum { HASH_SIZE = 32 };

static void bind_time(struct statement *statement, int64_t at_ms)
{
    if (at_ms != 0)
        bind_integer(statement, at_ms);
    else
        bind_null(statement);
}

bool key_add(struct database *db, const struct key_row *row, struct error *err)
{
    autostatement struct statement add =
        statement_make(db, "INSERT INTO api_keys (tenant_id, id, role, name, secret_sha256, created_ms, "
                           "expires_ms, last_used_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(&add, row->tenant);
    bind_text(&add, row->id);
    bind_text(&add, row->role);
    bind_text(&add, row->name);
    bind_blob(&add, row->secret_sha256, HASH_SIZE);
    bind_integer(&add, row->created_ms);
    bind_time(&add, row->expires_ms);
    bind_time(&add, row->last_used_ms);
    return statement_run(&add, err);
}

bool key_drop(struct database *db, const char *tenant, const char *id, struct error *err)
{
    autostatement struct statement drop =
        statement_make(db, "DELETE FROM api_keys WHERE tenant_id = ? AND id = ?");
    bind_text(&drop, tenant);
    bind_text(&drop, id);
    if (!statement_run(&drop, err))
        return false;
    return database_changes(db) > 0 || error_set(err, ERROR_NOT_FOUND, "there is no key of this id");
}

bool keys_drop_all(struct database *db, const char *tenant, struct error *err)
{
    autostatement struct statement drop = statement_make(db, "DELETE FROM api_keys WHERE tenant_id = ?");
    bind_text(&drop, tenant);
    return statement_run(&drop, err);
}

bool key_used(struct database *db, const char *tenant, const char *id, int64_t at_ms, struct error *err)
{
    autostatement struct statement used =
        statement_make(db, "UPDATE api_keys SET last_used_ms = ?3 WHERE tenant_id = ?1 AND id = ?2 AND "
                           "coalesce(last_used_ms, 0) < ?3");
    bind_text(&used, tenant);
    bind_text(&used, id);
    bind_integer(&used, at_ms);
    return statement_run(&used, err);
}

bool keys_read(struct database *db, const char *tenant,
               bool (*take)(void *context, const struct key_row *row), void *context, struct error *err)
{
    // By the primary key where there is a tenant; with "?1 IS NULL OR ..." SQLite would read all keys there
    // too.
    static const char of_all[] =
        "SELECT tenant_id, id, role, name, secret_sha256, created_ms, expires_ms, last_used_ms "
        "FROM api_keys ORDER BY created_ms, id";
    static const char of_tenant[] =
        "SELECT tenant_id, id, role, name, secret_sha256, created_ms, expires_ms, last_used_ms "
        "FROM api_keys WHERE tenant_id = ?1 ORDER BY created_ms, id";
    autostatement struct statement read = statement_make(db, tenant != NULL ? of_tenant : of_all);
    if (tenant != NULL)
        bind_text(&read, tenant);
    while (statement_row(&read)) {
        struct key_row row = {.tenant = column_text(&read, 0),
                              .id = column_text(&read, 1),
                              .role = column_text(&read, 2),
                              .name = column_text(&read, 3),
                              .secret_sha256 = (const unsigned char *)column_bytes(&read, 4).data,
                              .created_ms = column_integer(&read, 5),
                              .expires_ms = column_integer(&read, 6),
                              .last_used_ms = column_integer(&read, 7)};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}
