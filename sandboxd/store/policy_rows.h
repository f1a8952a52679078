// SPDX-License-Identifier: Apache-2.0
// Policies in the store: the documents that were put over HTTP, every version that was ever live, and the log
// of changes. On a connection of store_transact or store_read.
#pragma once

#include "base/bytes.h"
#include "policies/policy.h"
#include "sandboxd/store/reply_rows.h"

#include <stdbool.h>
#include <stdint.h>

struct database;

enum { FILE_HASH_SIZE = 65 };

// A document that was put over HTTP. Texts are borrowed.
struct document_row {
    const char *name;
    struct bytes document;
    const char *file_sha256; // of the file that it took the place of; "" if there was none
};
bool documents_read(struct database *db,
                    bool (*take)(void *context, const struct document_row *row, struct error *err),
                    void *context, struct error *err);
bool document_put(struct database *db, const struct document_row *row, const char *actor, struct error *err);
bool document_drop(struct database *db, const char *name, struct error *err);

// A version of a policy that became live.
struct version_row {
    int64_t serial; // ascending in time; 0 when it is to be added
    const char *name;
    const char *version;
    struct bytes document;
    struct bytes canonical;
    int64_t at_ms;
    const char *actor;
    const char *reason; // "start", "file", "put", "rollback", "inherited"
};
enum { VERSIONS_KEPT = 500 }; // of each policy
// Adds it, unless the newest of that name is the same version; old ones beyond VERSIONS_KEPT go.
bool version_add(struct database *db, const struct version_row *row, struct error *err);
// The newest first, from below `below` (0: all).
bool versions_list(struct database *db, const char *name, int64_t below, unsigned limit,
                   void (*take)(void *context, const struct version_row *row), void *context,
                   struct error *err);
// The newest row of that version; with `version` NULL, the newest that is not `live_version`
// ("": none is live). `take` is
// called once; ERROR_NOT_FOUND if there is none.
bool version_find(struct database *db, const char *name, const char *version, const char *live_version,
                  bool (*take)(void *context, const struct version_row *row, struct error *err),
                  void *context, struct error *err);

// Every name that ever had a version, in order.
bool version_names(struct database *db, bool (*take)(void *context, const char *name, struct error *err),
                   void *context, struct error *err);

struct audit_row {
    int64_t serial;
    int64_t at_ms;
    const char *actor;
    const char *remote;         // NULL: not over the network
    const char *request_id;     // likewise
    const char *action;         // "policy.put"
    const char *target;         // the policy's name
    const char *before_version; // NULL: there was none
    const char *after_version;
    const char *detail;              // JSON
    const struct reply_row *promise; // of the answer, put likewise; NULL: none, and of lines that are read
};
bool audit_add(struct database *db, const struct audit_row *row, struct error *err);
// The version of a policy that was live when the log was last written; "" if none was.
bool audit_live_version(struct database *db, const char *policy, char version[POLICY_VERSION_SIZE],
                        struct error *err);
// The newest first; of one target if that is not NULL.
bool audit_list(struct database *db, const char *target, int64_t below, unsigned limit,
                void (*take)(void *context, const struct audit_row *row), void *context, struct error *err);
// Drops lines of before `before_ms`, up to `limit` of them, the oldest first. The last line of each policy
// stays: it says which version is live.
bool audit_drop_before(struct database *db, int64_t before_ms, unsigned limit, struct error *err);
