// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/plugin_rows.h"

#include "base/clock.h"
#include "sandboxd/store/database.h"

bool namespace_add(struct database *db, const struct namespace_row *row, const char *actor, struct error *err)
{
    autostatement struct statement add = statement_make(
        db, "INSERT INTO plugin_namespaces (tenant_id, name, created_ms, actor) VALUES (?, ?, ?, ?)");
    bind_text(&add, row->tenant);
    bind_text(&add, row->name);
    bind_integer(&add, clock_unix_ms());
    bind_text(&add, actor);
    return statement_run(&add, err);
}

bool namespaces_read(struct database *db, bool (*take)(void *context, const struct namespace_row *row),
                     void *context, struct error *err)
{
    autostatement struct statement read = statement_make(db, "SELECT name, tenant_id FROM plugin_namespaces");
    while (statement_row(&read)) {
        struct namespace_row row = {.name = column_text(&read, 0), .tenant = column_text(&read, 1)};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}

static bool content_add(struct database *db, const char *sha256, struct bytes content, struct error *err)
{
    autostatement struct statement add =
        statement_make(db, "INSERT OR IGNORE INTO plugin_contents (sha256, content) VALUES (?, ?)");
    bind_text(&add, sha256);
    bind_bytes(&add, content);
    return statement_run(&add, err);
}

bool plugin_version_add(struct database *db, const struct plugin_version_row *row, struct bytes content,
                        struct error *err)
{
    if (!content_add(db, row->sha256, content, err))
        return false;
    autostatement struct statement add =
        statement_make(db, "INSERT INTO plugin_versions (plugin, version, sha256, code_bytes, published_ms, "
                           "description, actor) VALUES (?, ?, ?, ?, ?, ?, ?)");
    bind_text(&add, row->plugin);
    bind_text(&add, row->version);
    bind_text(&add, row->sha256);
    bind_integer(&add, row->code_bytes);
    bind_integer(&add, row->published_ms);
    bind_text(&add, row->description);
    bind_text(&add, row->actor);
    return statement_run(&add, err);
}

bool plugin_version_yank(struct database *db, const char *plugin, const char *version, int64_t at_ms,
                         struct error *err)
{
    autostatement struct statement yank = statement_make(
        db, "UPDATE plugin_versions SET yanked_ms = coalesce(yanked_ms, ?) WHERE plugin = ? AND version = ?");
    bind_integer(&yank, at_ms);
    bind_text(&yank, plugin);
    bind_text(&yank, version);
    if (!statement_run(&yank, err))
        return false;
    return database_changes(db) > 0 ||
           error_set(err, ERROR_NOT_FOUND, "there is no version %s of %s", version, plugin);
}

bool plugin_versions_read(struct database *db,
                          bool (*take)(void *context, const struct plugin_version_row *row), void *context,
                          struct error *err)
{
    autostatement struct statement read = statement_make(
        db,
        "SELECT plugin, version, sha256, code_bytes, published_ms, yanked_ms, actor FROM plugin_versions");
    while (statement_row(&read)) {
        struct plugin_version_row row = {.plugin = column_text(&read, 0),
                                         .version = column_text(&read, 1),
                                         .sha256 = column_text(&read, 2),
                                         .code_bytes = column_integer(&read, 3),
                                         .published_ms = column_integer(&read, 4),
                                         .yanked_ms = column_integer(&read, 5),
                                         .actor = column_text(&read, 6)};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}

bool plugin_descriptions_read(struct database *db, const char *plugin, const char *version,
                              void (*take)(void *context, const char *version, const char *description),
                              void *context, struct error *err)
{
    autostatement struct statement read = statement_make(
        db, version ? "SELECT version, description FROM plugin_versions WHERE plugin = ?1 AND version = ?2"
                    : "SELECT version, description FROM plugin_versions WHERE plugin = ?1 AND ?2 IS NULL");
    bind_text(&read, plugin);
    bind_text(&read, version);
    while (statement_row(&read))
        take(context, column_text(&read, 0), column_text(&read, 1));
    return statement_done(&read, err);
}

bool plugin_content_read(struct database *db, const char *sha256,
                         bool (*take)(void *context, struct bytes content, struct error *err), void *context,
                         struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT content FROM plugin_contents WHERE sha256 = ?");
    bind_text(&read, sha256);
    if (statement_row(&read))
        return take(context, column_bytes(&read, 0), err);
    return statement_done(&read, err) &&
           error_set(err, ERROR_NOT_FOUND, "the store has no content of the hash %s", sha256);
}

bool plugin_names_read(struct database *db, const char *space, const char *after, unsigned limit,
                       void (*take)(void *context, const char *plugin), void *context, struct error *err)
{
    // '0' is what follows '/'.
    autostatement struct statement read = statement_make(
        db, "SELECT DISTINCT plugin FROM plugin_versions WHERE plugin > ?1 "
            "AND (?2 IS NULL OR (plugin > ?2 || '/' AND plugin < ?2 || '0')) ORDER BY plugin LIMIT ?3");
    bind_text(&read, after);
    bind_text(&read, space);
    bind_integer(&read, limit);
    while (statement_row(&read))
        take(context, column_text(&read, 0));
    return statement_done(&read, err);
}

bool install_put(struct database *db, const struct install_row *row, const char *actor, struct error *err)
{
    autostatement struct statement put =
        statement_make(db, "INSERT OR REPLACE INTO plugin_installs (tenant_id, plugin, range, installed_ms, "
                           "actor) VALUES (?, ?, ?, ?, ?)");
    bind_text(&put, row->tenant);
    bind_text(&put, row->plugin);
    bind_text(&put, row->range);
    bind_integer(&put, row->installed_ms);
    bind_text(&put, actor);
    return statement_run(&put, err);
}

bool install_drop(struct database *db, const char *tenant, const char *plugin, struct error *err)
{
    autostatement struct statement drop =
        statement_make(db, "DELETE FROM plugin_installs WHERE tenant_id = ? AND plugin = ?");
    bind_text(&drop, tenant);
    bind_text(&drop, plugin);
    if (!statement_run(&drop, err))
        return false;
    return database_changes(db) > 0 || error_set(err, ERROR_NOT_FOUND, "%s is not installed", plugin);
}

bool installs_count(struct database *db, const char *tenant, uint64_t *ret_count, struct error *err)
{
    autostatement struct statement count =
        statement_make(db, "SELECT count(*) FROM plugin_installs WHERE tenant_id = ?");
    bind_text(&count, tenant);
    if (statement_row(&count))
        *ret_count = (uint64_t)column_integer(&count, 0);
    return statement_done(&count, err);
}

static bool take_installs(struct statement *read, bool (*take)(void *context, const struct install_row *row),
                          void *context, struct error *err)
{
    while (statement_row(read)) {
        struct install_row row = {.tenant = column_text(read, 0),
                                  .plugin = column_text(read, 1),
                                  .range = column_text(read, 2),
                                  .installed_ms = column_integer(read, 3)};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(read, err);
}

bool installs_of_tenant_read(struct database *db, const char *tenant, const char *after, unsigned limit,
                             bool (*take)(void *context, const struct install_row *row), void *context,
                             struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT tenant_id, plugin, range, installed_ms FROM plugin_installs "
                           "WHERE tenant_id = ? AND plugin > ? ORDER BY plugin LIMIT ?");
    bind_text(&read, tenant);
    bind_text(&read, after);
    bind_integer(&read, limit);
    return take_installs(&read, take, context, err);
}

bool installs_read(struct database *db, bool (*take)(void *context, const struct install_row *row),
                   void *context, struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT tenant_id, plugin, range, installed_ms FROM plugin_installs");
    return take_installs(&read, take, context, err);
}
