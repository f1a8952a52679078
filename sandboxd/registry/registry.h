// SPDX-License-Identifier: Apache-2.0
// The plugin registry: namespaced plugins, their immutable versions, and which version of them a tenant has
// installed. The store is what counts; names, versions and installs are kept in memory besides, and contents
// as far as the cache goes, so that a run costs no SQL. A content is known by its hash and never changes, so
// nothing in the cache is ever out of date; names and installs change in memory right after the store, before
// a change is answered.
//
// registry_resolve, registry_cached and registry_describe may be called by any thread, and take a lock that
// is held for a moment only. Everything else waits for the disk: not from HTTP threads.
#pragma once

#include "packaging/package.h"
#include "packaging/version_range.h"
#include "sandboxd/accounts/identity.h"
#include "sandboxd/store/store.h"

struct registry;

struct registry *registry_open(struct store *store, uint64_t cache_bytes, struct error *err);
void registry_close(struct registry *registry); // NULL is fine

// One version of a plugin.
struct plugin_pick {
    char plugin[PLUGIN_FULL_NAME_SIZE];
    char version[VERSION_TEXT_MAX + 1];
    char sha256[PACKAGE_SHA256_SIZE];
};

// Which version is meant: the one that `wanted` names, or the newest in the range that it names; with NULL
// the newest in the range that `tenant` (NULL: nobody) has installed, or else of all. Yanked versions are
// passed over unless they are named exactly; pre-releases unless they are named, or there is nothing else.
// ERROR_NOT_FOUND and ERROR_INVALID say what there is instead.
bool registry_resolve(struct registry *registry, const char *tenant, const char *plugin, const char *wanted,
                      struct plugin_pick *ret_pick, struct error *err);
// The content of a version, if it is in memory; the caller unrefs it. The one that was used last always is.
struct package *registry_cached(struct registry *registry, const struct plugin_pick *pick);
// The same, from the store if it is not.
struct package *registry_load(struct registry *registry, const struct plugin_pick *pick, struct error *err);

// Who owns a namespace: "" is the operator. False if nobody does.
bool registry_owner(struct registry *registry, struct bytes space, char ret_tenant[TENANT_ID_SIZE]);
// Whether that identity may publish there and yank what is there: an admin, the owner, and anybody where
// nobody is.
bool registry_may_publish(struct registry *registry, const struct identity *identity, struct bytes space);

struct version_facts {
    const char *version, *sha256;
    int64_t published_ms, yanked_ms;
    uint64_t code_bytes;
};
// Calls `take` for each version of a plugin, the highest first, until it returns false. False if there is no
// such plugin.
bool registry_describe(struct registry *registry, const char *plugin,
                       bool (*take)(void *context, const struct version_facts *facts), void *context);
// The range at which a tenant has installed a plugin; false if it has not.
bool registry_installed(struct registry *registry, const char *tenant, const char *plugin,
                        char ret_range[RANGE_TEXT_MAX + 1]);

// Who changes, for the audit log.
struct registry_author {
    const struct identity *identity;
    const char *remote;
    const char *request_id;
    const struct reply_row *promise; // kept with the change; NULL: no Idempotency-Key
};

// All of these are kept in memory, and tenants choose how many there are: some hundred bytes a version, 30
// MiB of a tenant that has all that it may.
enum {
    NAMESPACES_PER_TENANT_MAX = 20, // the operator has as many as it likes
    PLUGINS_PER_NAMESPACE_MAX = 1000,
    VERSIONS_PER_NAMESPACE_MAX = 5000,
    VERSIONS_PER_PLUGIN_MAX = 1000,
    INSTALLS_PER_TENANT_MAX = 1000,
};

enum publish_verdict {
    PUBLISH_NEW,
    PUBLISH_SAME,
    PUBLISH_TAKEN,
    PUBLISH_FORBIDDEN,
    PUBLISH_FULL,
    PUBLISH_FAILED,
};
// Keeps a version; the first one claims the namespace. PUBLISH_SAME: it is there already with the same
// content. PUBLISH_TAKEN: with another one, or a version that only its build tells apart; `err` says which.
// PUBLISH_FULL: one of the bounds above is reached; `err` says which.
enum publish_verdict registry_publish(struct registry *registry, const char *plugin, const char *version,
                                      struct package *package, const struct registry_author *author,
                                      struct error *err);
// What registry_publish would say, without a change; PUBLISH_NEW if it would go on.
enum publish_verdict registry_may_add(struct registry *registry, const char *plugin, const char *version,
                                      const char *sha256, const struct identity *identity, struct error *err);
// From now on the version is only used where it is named exactly. Doing it twice is fine.
bool registry_yank(struct registry *registry, const char *plugin, const char *version,
                   const struct registry_author *author, struct error *err);
// ERROR_INVALID or ERROR_NOT_FOUND if no version is in the range now; ERROR_CONFLICT beyond the bound above.
bool registry_install(struct registry *registry, const char *tenant, const char *plugin, const char *range,
                      const struct registry_author *author, struct plugin_pick *ret_pick, struct error *err);
bool registry_uninstall(struct registry *registry, const char *tenant, const char *plugin,
                        const struct registry_author *author, struct error *err);

struct registry_figures {
    uint64_t plugins, versions, installs;
    uint64_t cached, cached_bytes, hits, misses;
};
// Takes no lock.
void registry_read_figures(const struct registry *registry, struct registry_figures *ret_figures);
