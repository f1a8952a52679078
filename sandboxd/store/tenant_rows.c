// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/tenant_rows.h"

#include "base/uuid.h"
#include "sandboxd/store/database.h"
#include "sandboxd/store/key_rows.h"

#define SELECT_TENANTS \
    "SELECT t.id, t.name, t.suspended, s.plan, t.created_ms, t.changed_ms, s.started_ms FROM tenants t " \
    "JOIN subscriptions s ON s.tenant_id = t.id AND s.ended_ms IS NULL WHERE t.deleted_ms IS NULL "

static bool subscription_begin(struct database *db, const char *tenant, const char *plan, int64_t at_ms,
                               struct error *err)
{
    char id[UUID_TEXT_SIZE];
    uuid_v7(id);
    autostatement struct statement add =
        statement_make(db, "INSERT INTO subscriptions (tenant_id, id, plan, started_ms) VALUES (?, ?, ?, ?)");
    bind_text(&add, tenant);
    bind_text(&add, id);
    bind_text(&add, plan);
    bind_integer(&add, at_ms);
    return statement_run(&add, err);
}

static bool subscription_end(struct database *db, const char *tenant, int64_t at_ms, struct error *err)
{
    autostatement struct statement end = statement_make(
        db, "UPDATE subscriptions SET ended_ms = ?2 WHERE tenant_id = ?1 AND ended_ms IS NULL");
    bind_text(&end, tenant);
    bind_integer(&end, at_ms);
    return statement_run(&end, err);
}

bool subscription_change(struct database *db, const char *tenant, const char *plan, int64_t at_ms,
                         struct error *err)
{
    autostatement struct statement same = statement_make(
        db, "SELECT 1 FROM subscriptions WHERE tenant_id = ? AND plan = ? AND ended_ms IS NULL");
    bind_text(&same, tenant);
    bind_text(&same, plan);
    if (statement_row(&same))
        return true;
    return statement_done(&same, err) && subscription_end(db, tenant, at_ms, err) &&
           subscription_begin(db, tenant, plan, at_ms, err);
}

bool tenant_add(struct database *db, const struct tenant_row *row, struct error *err)
{
    autostatement struct statement add = statement_make(
        db, "INSERT INTO tenants (id, name, suspended, created_ms, changed_ms) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING");
    bind_text(&add, row->id);
    bind_text(&add, row->name);
    bind_text(&add, row->suspended);
    bind_integer(&add, row->created_ms);
    bind_integer(&add, row->changed_ms);
    if (!statement_run(&add, err))
        return false;
    if (database_changes(db) == 0)
        return error_set(err, ERROR_CONFLICT, "there is, or was, a tenant \"%s\"", row->id);
    return subscription_begin(db, row->id, row->plan, row->created_ms, err);
}

static bool found_any(struct database *db, struct error *err)
{
    return database_changes(db) > 0 || error_set(err, ERROR_NOT_FOUND, "there is no tenant of this id");
}

bool tenant_change(struct database *db, const struct tenant_row *row, struct error *err)
{
    autostatement struct statement change =
        statement_make(db, "UPDATE tenants SET name = ?2, suspended = ?3, changed_ms = ?4 "
                           "WHERE id = ?1 AND deleted_ms IS NULL");
    bind_text(&change, row->id);
    bind_text(&change, row->name);
    bind_text(&change, row->suspended);
    bind_integer(&change, row->changed_ms);
    return statement_run(&change, err) && found_any(db, err);
}

bool tenant_delete(struct database *db, const char *id, int64_t at_ms, struct error *err)
{
    autostatement struct statement mark =
        statement_make(db, "UPDATE tenants SET deleted_ms = ?2 WHERE id = ?1 AND deleted_ms IS NULL");
    bind_text(&mark, id);
    bind_integer(&mark, at_ms);
    return statement_run(&mark, err) && found_any(db, err) && subscription_end(db, id, at_ms, err) &&
           keys_drop_all(db, id, err);
}

static struct tenant_row row_of(struct statement *read)
{
    return (struct tenant_row){.id = column_text(read, 0),
                               .name = column_text(read, 1),
                               .suspended = column_is_null(read, 2) ? NULL : column_text(read, 2),
                               .plan = column_text(read, 3),
                               .created_ms = column_integer(read, 4),
                               .changed_ms = column_integer(read, 5),
                               .plan_since_ms = column_integer(read, 6)};
}

bool tenants_read(struct database *db, const char *after, unsigned limit, take_tenant *take, void *context,
                  struct error *err)
{
    autostatement struct statement read =
        statement_make(db, SELECT_TENANTS "AND t.id > ?1 ORDER BY t.id LIMIT ?2");
    bind_text(&read, after);
    bind_integer(&read, limit > 0 ? (int64_t)limit : -1);
    while (statement_row(&read)) {
        struct tenant_row row = row_of(&read);
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}

bool tenant_read(struct database *db, const char *id, take_tenant *take, void *context, struct error *err)
{
    autostatement struct statement read = statement_make(db, SELECT_TENANTS "AND t.id = ?1");
    bind_text(&read, id);
    if (!statement_row(&read))
        return statement_done(&read, err) && error_set(err, ERROR_NOT_FOUND, "there is no tenant of this id");
    struct tenant_row row = row_of(&read);
    return take(context, &row) || error_set(err, ERROR_MEMORY, "out of memory");
}

bool subscriptions_read(struct database *db, const char *tenant, unsigned limit,
                        bool (*take)(void *context, const struct subscription_row *row), void *context,
                        struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT id, plan, started_ms, ended_ms FROM subscriptions WHERE tenant_id = ? "
                           "ORDER BY id DESC LIMIT ?");
    bind_text(&read, tenant);
    bind_integer(&read, limit);
    while (statement_row(&read)) {
        struct subscription_row row = {.id = column_text(&read, 0),
                                       .plan = column_text(&read, 1),
                                       .started_ms = column_integer(&read, 2),
                                       .ended_ms = column_integer(&read, 3)};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}
