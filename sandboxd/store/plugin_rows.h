// SPDX-License-Identifier: Apache-2.0
// Plugins in the store: who owns a namespace, versions, what each contains, and installs. On a connection of
// store_transact or store_read. Texts are borrowed for the call.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct database;

struct namespace_row {
    const char *name;
    const char *tenant; // "": the operator's own
};
bool namespace_add(struct database *db, const struct namespace_row *row, const char *actor,
                   struct error *err);
bool namespaces_read(struct database *db, bool (*take)(void *context, const struct namespace_row *row),
                     void *context, struct error *err);

struct plugin_version_row {
    const char *plugin; // "acme/slugify"
    const char *version;
    const char *sha256; // of the content, in hex
    int64_t code_bytes;
    int64_t published_ms;
    int64_t yanked_ms; // 0: it is not
    const char *description;
    const char *actor;
};
// Adds the version, and its content if no other version has the same. ERROR_CONFLICT if it is there.
bool plugin_version_add(struct database *db, const struct plugin_version_row *row, struct bytes content,
                        struct error *err);
// ERROR_NOT_FOUND if there is no such version.
bool plugin_version_yank(struct database *db, const char *plugin, const char *version, int64_t at_ms,
                         struct error *err);
// All there are, without their descriptions.
bool plugin_versions_read(struct database *db,
                          bool (*take)(void *context, const struct plugin_version_row *row), void *context,
                          struct error *err);
// Hands over what a version says it is, or with `version` NULL what each of the plugin's does.
bool plugin_descriptions_read(struct database *db, const char *plugin, const char *version,
                              void (*take)(void *context, const char *version, const char *description),
                              void *context, struct error *err);
// Hands the content over; ERROR_NOT_FOUND if there is none of that hash.
bool plugin_content_read(struct database *db, const char *sha256,
                         bool (*take)(void *context, struct bytes content, struct error *err), void *context,
                         struct error *err);
// Names of plugins in their order, from behind `after` ("": from the first), of one namespace if that is not
// NULL.
bool plugin_names_read(struct database *db, const char *space, const char *after, unsigned limit,
                       void (*take)(void *context, const char *plugin), void *context, struct error *err);

struct install_row {
    const char *tenant;
    const char *plugin;
    const char *range;
    int64_t installed_ms;
};
bool install_put(struct database *db, const struct install_row *row, const char *actor, struct error *err);
// ERROR_NOT_FOUND if that tenant has not installed it.
bool install_drop(struct database *db, const char *tenant, const char *plugin, struct error *err);
bool installs_count(struct database *db, const char *tenant, uint64_t *ret_count, struct error *err);
// Those of a tenant by name, from the one after `after` on.
bool installs_of_tenant_read(struct database *db, const char *tenant, const char *after, unsigned limit,
                             bool (*take)(void *context, const struct install_row *row), void *context,
                             struct error *err);
bool installs_read(struct database *db, bool (*take)(void *context, const struct install_row *row),
                   void *context, struct error *err);
