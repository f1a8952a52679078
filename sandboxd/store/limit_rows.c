// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/limit_rows.h"

#include "sandboxd/store/database.h"

bool limit_put(struct database *db, const struct limit_row *row, struct error *err)
{
    autostatement struct statement put =
        statement_make(db, "INSERT INTO limit_marks (tenant_id, scope, id, unit, window_ms, mark) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, scope, id, unit) "
                           "DO UPDATE SET window_ms = ?5, mark = ?6");
    bind_text(&put, row->tenant);
    bind_text(&put, row->scope);
    bind_text(&put, row->id);
    bind_text(&put, row->unit);
    bind_integer(&put, row->window_ms);
    bind_integer(&put, row->mark);
    return statement_run(&put, err);
}

bool limits_read(struct database *db, bool (*take)(void *context, const struct limit_row *row), void *context,
                 struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT tenant_id, scope, id, unit, window_ms, mark FROM limit_marks");
    while (statement_row(&read)) {
        struct limit_row row = {.tenant = column_text(&read, 0),
                                .scope = column_text(&read, 1),
                                .id = column_text(&read, 2),
                                .unit = column_text(&read, 3),
                                .window_ms = column_integer(&read, 4),
                                .mark = column_integer(&read, 5)};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}

bool limits_drop_before(struct database *db, int64_t window_ms, struct error *err)
{
    autostatement struct statement drop = statement_make(db, "DELETE FROM limit_marks WHERE window_ms < ?");
    bind_integer(&drop, window_ms);
    return statement_run(&drop, err);
}

bool limits_drop_of(struct database *db, const char *tenant, const char *key, struct error *err)
{
    autostatement struct statement drop = statement_make(
        db, "DELETE FROM limit_marks WHERE tenant_id = ?1 AND (id = ?2 OR ?2 = '') AND scope <> 'global'");
    bind_text(&drop, tenant);
    bind_text(&drop, key);
    return statement_run(&drop, err);
}
