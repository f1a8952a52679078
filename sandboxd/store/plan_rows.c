// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/plan_rows.h"

#include "sandboxd/store/database.h"

bool plan_put(struct database *db, const struct plan_row *row, struct error *err)
{
    autostatement struct statement put =
        statement_make(db, "INSERT INTO plans (name, document, changed_ms) VALUES (?1, ?2, ?3) "
                           "ON CONFLICT (name) DO UPDATE SET document = ?2, changed_ms = ?3");
    bind_text(&put, row->name);
    bind_bytes(&put, row->document);
    bind_integer(&put, row->changed_ms);
    return statement_run(&put, err);
}

bool plans_read(struct database *db, bool (*take)(void *context, const struct plan_row *row), void *context,
                struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT name, document, changed_ms FROM plans ORDER BY name");
    while (statement_row(&read)) {
        struct plan_row row = {.name = column_text(&read, 0),
                               .document = column_bytes(&read, 1),
                               .changed_ms = column_integer(&read, 2)};
        if (!take(context, &row))
            return error_set(err, ERROR_INVALID, "the plan \"%s\" in the store cannot be read", row.name);
    }
    return statement_done(&read, err);
}
