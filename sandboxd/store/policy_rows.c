// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/policy_rows.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "sandboxd/store/audit_detail.h"
#include "sandboxd/store/database.h"

#include <stdio.h>

bool documents_read(struct database *db,
                    bool (*take)(void *context, const struct document_row *row, struct error *err),
                    void *context, struct error *err)
{
    autostatement struct statement read =
        statement_make(db, "SELECT name, document, file_sha256 FROM policy_documents ORDER BY name");
    while (statement_row(&read)) {
        struct document_row row = {.name = column_text(&read, 0),
                                   .document = column_bytes(&read, 1),
                                   .file_sha256 = column_text(&read, 2)};
        if (!take(context, &row, err))
            return false;
    }
    return statement_done(&read, err);
}

bool document_put(struct database *db, const struct document_row *row, const char *actor, struct error *err)
{
    autostatement struct statement put =
        statement_make(db, "INSERT OR REPLACE INTO policy_documents (name, document, file_sha256, at_ms, "
                           "actor) VALUES (?, ?, ?, ?, ?)");
    bind_text(&put, row->name);
    bind_bytes(&put, row->document);
    bind_text(&put, row->file_sha256[0] ? row->file_sha256 : NULL);
    bind_integer(&put, clock_unix_ms());
    bind_text(&put, actor);
    return statement_run(&put, err);
}

bool document_drop(struct database *db, const char *name, struct error *err)
{
    autostatement struct statement drop = statement_make(db, "DELETE FROM policy_documents WHERE name = ?");
    bind_text(&drop, name);
    return statement_run(&drop, err);
}

static bool is_newest(struct database *db, const struct version_row *row, bool *ret_newest, struct error *err)
{
    autostatement struct statement newest = statement_make(
        db, "SELECT version = ?2 FROM policy_versions WHERE name = ?1 ORDER BY serial DESC LIMIT 1");
    bind_text(&newest, row->name);
    bind_text(&newest, row->version);
    *ret_newest = statement_row(&newest) && column_integer(&newest, 0) != 0;
    return statement_done(&newest, err);
}

static bool drop_old_versions(struct database *db, const char *name, struct error *err)
{
    autostatement struct statement drop = statement_make(
        db, "DELETE FROM policy_versions WHERE name = ?1 AND serial <= (SELECT serial FROM policy_versions"
            "  WHERE name = ?1 ORDER BY serial DESC LIMIT 1 OFFSET ?2)");
    bind_text(&drop, name);
    bind_integer(&drop, VERSIONS_KEPT);
    return statement_run(&drop, err);
}

bool version_add(struct database *db, const struct version_row *row, struct error *err)
{
    bool known;
    if (!is_newest(db, row, &known, err))
        return false;
    if (known)
        return true;
    autostatement struct statement add = statement_make(
        db, "INSERT INTO policy_versions (name, version, document, canonical, at_ms, actor, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)");
    bind_text(&add, row->name);
    bind_text(&add, row->version);
    bind_bytes(&add, row->document);
    bind_bytes(&add, row->canonical);
    bind_integer(&add, row->at_ms);
    bind_text(&add, row->actor);
    bind_text(&add, row->reason);
    return statement_run(&add, err) && drop_old_versions(db, row->name, err);
}

#define VERSION_COLUMNS "serial, name, version, document, canonical, at_ms, actor, reason"

static struct version_row version_of(struct statement *row)
{
    return (struct version_row){.serial = column_integer(row, 0),
                                .name = column_text(row, 1),
                                .version = column_text(row, 2),
                                .document = column_bytes(row, 3),
                                .canonical = column_bytes(row, 4),
                                .at_ms = column_integer(row, 5),
                                .actor = column_text(row, 6),
                                .reason = column_text(row, 7)};
}

bool versions_list(struct database *db, const char *name, int64_t below, unsigned limit,
                   void (*take)(void *context, const struct version_row *row), void *context,
                   struct error *err)
{
    autostatement struct statement list = statement_make(
        db, "SELECT " VERSION_COLUMNS " FROM policy_versions WHERE name = ?1 AND (?2 = 0 OR serial < ?2) "
            "ORDER BY serial DESC LIMIT ?3");
    bind_text(&list, name);
    bind_integer(&list, below);
    bind_integer(&list, limit);
    while (statement_row(&list)) {
        struct version_row row = version_of(&list);
        take(context, &row);
    }
    return statement_done(&list, err);
}

bool version_find(struct database *db, const char *name, const char *version, const char *live_version,
                  bool (*take)(void *context, const struct version_row *row, struct error *err),
                  void *context, struct error *err)
{
    autostatement struct statement find =
        statement_make(db, "SELECT " VERSION_COLUMNS
                           " FROM policy_versions WHERE name = ?1 AND (?2 IS NULL OR version = ?2) "
                           "AND (?2 IS NOT NULL OR version <> ?3) ORDER BY serial DESC LIMIT 1");
    bind_text(&find, name);
    bind_text(&find, version);
    bind_text(&find, live_version);
    if (statement_row(&find)) {
        struct version_row row = version_of(&find);
        return take(context, &row, err);
    }
    if (!statement_done(&find, err))
        return false;
    if (version)
        return error_set(err, ERROR_NOT_FOUND, "policy \"%s\" was never of version %.80s", name, version);
    return live_version[0]
               ? error_set(err, ERROR_NOT_FOUND, "policy \"%s\" has no version before the one that is live",
                           name)
               : error_set(err, ERROR_NOT_FOUND, "there is no policy \"%s\", and there never was", name);
}

bool version_names(struct database *db, bool (*take)(void *context, const char *name, struct error *err),
                   void *context, struct error *err)
{
    autostatement struct statement names =
        statement_make(db, "SELECT DISTINCT name FROM policy_versions ORDER BY name");
    while (statement_row(&names))
        if (!take(context, column_text(&names, 0), err))
            return false;
    return statement_done(&names, err);
}

bool audit_live_version(struct database *db, const char *policy, char version[POLICY_VERSION_SIZE],
                        struct error *err)
{
    autostatement struct statement last =
        statement_make(db, "SELECT after_version FROM audit_log WHERE target = ? AND action LIKE 'policy.%' "
                           "ORDER BY serial DESC LIMIT 1");
    bind_text(&last, policy);
    version[0] = '\0';
    if (statement_row(&last) && !column_is_null(&last, 0))
        snprintf(version, POLICY_VERSION_SIZE, "%s", column_text(&last, 0));
    return statement_done(&last, err);
}

bool audit_add(struct database *db, const struct audit_row *row, struct error *err)
{
    autofree char *detail = audit_detail_redacted(row->detail, err);
    if (detail == NULL)
        return false;
    autostatement struct statement add =
        statement_make(db, "INSERT INTO audit_log (at_ms, actor, remote, request_id, action, target, "
                           "before_version, after_version, "
                           "detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_integer(&add, row->at_ms);
    bind_text(&add, row->actor);
    bind_text(&add, row->remote);
    bind_text(&add, row->request_id);
    bind_text(&add, row->action);
    bind_text(&add, row->target);
    bind_text(&add, row->before_version);
    bind_text(&add, row->after_version);
    bind_text(&add, detail);
    return statement_run(&add, err) && (row->promise == NULL || reply_put(db, row->promise, err));
}

static const char *text_or_null(struct statement *row, int column)
{
    return column_is_null(row, column) ? NULL : column_text(row, column);
}

#define AUDIT_LIST(condition_) \
    "SELECT serial, at_ms, actor, remote, request_id, action, target, before_version, after_version, " \
    "detail " \
    "FROM audit_log WHERE " condition_ " AND serial < ?2 ORDER BY serial DESC LIMIT ?3"

bool audit_list(struct database *db, const char *target, int64_t below, unsigned limit,
                void (*take)(void *context, const struct audit_row *row), void *context, struct error *err)
{
    autostatement struct statement list =
        statement_make(db, target ? AUDIT_LIST("target = ?1") : AUDIT_LIST("?1 IS NULL"));
    bind_text(&list, target);
    bind_integer(&list, below > 0 ? below : INT64_MAX);
    bind_integer(&list, limit);
    while (statement_row(&list)) {
        struct audit_row row = {.serial = column_integer(&list, 0),
                                .at_ms = column_integer(&list, 1),
                                .actor = column_text(&list, 2),
                                .remote = text_or_null(&list, 3),
                                .request_id = text_or_null(&list, 4),
                                .action = column_text(&list, 5),
                                .target = column_text(&list, 6),
                                .before_version = text_or_null(&list, 7),
                                .after_version = text_or_null(&list, 8),
                                .detail = column_text(&list, 9)};
        take(context, &row);
    }
    return statement_done(&list, err);
}

bool audit_drop_before(struct database *db, int64_t before_ms, unsigned limit, struct error *err)
{
    // Serials ascend in time: what is not old is not looked at.
    autostatement struct statement drop = statement_make(
        db, "DELETE FROM audit_log WHERE serial IN (SELECT serial FROM audit_log AS line WHERE serial < "
            "coalesce((SELECT serial FROM audit_log WHERE at_ms >= ?1 ORDER BY serial LIMIT 1), ?3) AND NOT "
            "(action LIKE 'policy.%' AND NOT EXISTS (SELECT 1 FROM audit_log AS later WHERE later.target = "
            "line.target AND later.serial > line.serial AND later.action LIKE 'policy.%')) "
            "ORDER BY serial LIMIT ?2)");
    bind_integer(&drop, before_ms);
    bind_integer(&drop, limit);
    bind_integer(&drop, INT64_MAX);
    return statement_run(&drop, err);
}
