// SPDX-License-Identifier: Apache-2.0
// What is kept in memory of the registry. Only for sandboxd/registry/.
#pragma once

#include "runtime/engine/id_map.h"
#include "runtime/engine/list.h"
#include "sandboxd/registry/registry.h"
#include "sandboxd/store/plugin_rows.h"

#include <pthread.h>

struct known_version {
    char *text;           // owned
    struct semver semver; // of `text`
    char sha256[PACKAGE_SHA256_SIZE];
    int64_t published_ms, yanked_ms;
    uint64_t code_bytes;
};

struct known_plugin {
    struct id_entry entry;
    char name[PLUGIN_FULL_NAME_SIZE];
    size_t count, capacity;
    struct known_version *versions; // the highest first
};

struct known_namespace {
    struct id_entry entry;
    char name[NAMESPACE_MAX + 1];
    char tenant[TENANT_ID_SIZE];
    size_t plugins, versions;
};

enum { INSTALL_KEY_SIZE = TENANT_ID_SIZE + PLUGIN_FULL_NAME_SIZE };

struct known_install {
    struct id_entry entry;
    char key[INSTALL_KEY_SIZE]; // the tenant, a space, the plugin
    char text[RANGE_TEXT_MAX + 1];
    struct version_range range; // of `text`
};

// Contents, the last used first. Within `bytes_max`, but for one alone that is larger.
struct package_cache {
    pthread_mutex_t lock;
    struct id_map map; // by hash
    struct list order;
    uint64_t bytes_max;
    struct gauge bytes, hits, misses;
};

struct registry {
    struct store *store;
    pthread_mutex_t change_lock; // one change at a time: held over the store and the memory
    pthread_rwlock_t lock;       // short: for what follows
    struct id_map plugins, namespaces, installs;
    struct gauge version_count;
    struct package_cache cache; // has a lock of its own
};

// memory.c: with `lock` held for writing, or before anybody else knows of it. False: out of memory.
bool registry_memory_init(struct registry *registry);
void registry_memory_free(struct registry *registry);
// These take their place from `spare`, a zeroed block of the caller's, and leave NULL there: so nothing can
// fail once the store is changed. Of what is known already, `spare` is not touched.
void known_namespace_add(struct registry *registry, const struct namespace_row *row,
                         struct known_namespace **spare);
void known_install_put(struct registry *registry, const struct install_row *row,
                       struct known_install **spare);
// The place of one version.
struct version_place {
    struct known_plugin *plugin; // NULL: it is known
    char *text;
};
bool version_place_make(struct registry *registry, const struct plugin_version_row *row,
                        struct version_place *ret_place);
void version_place_free(struct version_place *place);
// Its namespace is known already. No other version has been put since the place was made.
void known_version_put(struct registry *registry, const struct plugin_version_row *row,
                       struct version_place *place);
// Both at once.
bool known_version_add(struct registry *registry, const struct plugin_version_row *row);
void known_install_drop(struct registry *registry, const char *tenant, const char *plugin);
// With `lock` held. NULL if there is none.
struct known_plugin *known_plugin_find(struct registry *registry, const char *plugin);
struct known_namespace *known_namespace_find(struct registry *registry, struct bytes name);
// How many namespaces a tenant has: looks at all there are.
size_t known_namespaces_of(const struct registry *registry, const char *tenant);
struct known_install *known_install_find(struct registry *registry, const char *tenant, const char *plugin);
// The version with these numbers and pre-release, whatever its build.
struct known_version *known_version_find(struct known_plugin *plugin, const struct semver *semver);

// package_cache.c
bool package_cache_init(struct package_cache *cache, uint64_t bytes_max);
void package_cache_free(struct package_cache *cache);
// The package of that hash, or NULL; the caller unrefs it.
struct package *package_cache_find(struct package_cache *cache, const char *sha256);
// Takes a reference of its own, and lets go of what was not used for longest. Never fails: then it is not
// kept.
void package_cache_put(struct package_cache *cache, struct package *package);
