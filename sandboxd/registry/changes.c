// SPDX-License-Identifier: Apache-2.0
// Changes of the registry: the store first, in one transaction with its line of the audit log, then the
// memory.
#include "base/cleanup.h"
#include "base/clock.h"
#include "sandboxd/registry/registry_state.h"
#include "sandboxd/store/policy_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A change under way: what the store is to do.
struct change {
    struct registry *registry;
    const struct registry_author *author;
    const struct namespace_row *space; // NULL: it is there
    const struct plugin_version_row *version;
    struct bytes content;
    const struct install_row *install;
    const char *plugin;
};

static void begin(struct registry *registry)
{
    pthread_mutex_lock(&registry->change_lock);
}

static void end(struct registry *registry)
{
    pthread_mutex_unlock(&registry->change_lock);
}

static bool audit(struct database *db, const struct change *change, const char *action, const char *after,
                  struct error *err)
{
    struct audit_row row = {.at_ms = clock_unix_ms(),
                            .actor = identity_actor(change->author->identity),
                            .remote = change->author->remote,
                            .request_id = change->author->request_id,
                            .action = action,
                            .target = change->plugin,
                            .after_version = after,
                            .detail = "{}",
                            .promise = change->author->promise};
    return audit_add(db, &row, err);
}

static struct bytes namespace_of(const char *plugin)
{
    return bytes_of(plugin, strcspn(plugin, "/"));
}

// With `lock` held. `known` is NULL for a plugin's first version.
static bool has_room(struct registry *registry, const char *plugin, const struct known_plugin *known,
                     const char *tenant, struct error *err)
{
    struct bytes name = namespace_of(plugin);
    const struct known_namespace *space = known_namespace_find(registry, name);
    if (known != NULL && known->count >= VERSIONS_PER_PLUGIN_MAX)
        return error_set(err, ERROR_LIMIT, "%s has %d versions, the most of a plugin; go on by another name",
                         plugin, VERSIONS_PER_PLUGIN_MAX);
    if (space != NULL && space->versions >= VERSIONS_PER_NAMESPACE_MAX)
        return error_set(err, ERROR_LIMIT, "the plugins of %s have %d versions, the most of a namespace",
                         space->name, VERSIONS_PER_NAMESPACE_MAX);
    if (space != NULL && known == NULL && space->plugins >= PLUGINS_PER_NAMESPACE_MAX)
        return error_set(err, ERROR_LIMIT, "the namespace %s has %d plugins, the most of a namespace",
                         space->name, PLUGINS_PER_NAMESPACE_MAX);
    if (space == NULL && tenant[0] != '\0' &&
        known_namespaces_of(registry, tenant) >= NAMESPACES_PER_TENANT_MAX)
        return error_set(err, ERROR_LIMIT,
                         "%s has %d namespaces, the most of a tenant; publish in one of them", tenant,
                         NAMESPACES_PER_TENANT_MAX);
    return true;
}

enum publish_verdict registry_may_add(struct registry *registry, const char *plugin, const char *version,
                                      const char *sha256, const struct identity *identity, struct error *err)
{
    struct semver semver;
    if (!semver_parse(bytes_of_text(version), &semver, err))
        return PUBLISH_FAILED;
    if (!registry_may_publish(registry, identity, namespace_of(plugin))) {
        error_set(err, ERROR_CONFLICT, "the namespace \"%.*s\" is somebody else's", (int)strcspn(plugin, "/"),
                  plugin);
        return PUBLISH_FORBIDDEN;
    }
    enum publish_verdict verdict = PUBLISH_NEW;
    pthread_rwlock_rdlock(&registry->lock);
    struct known_plugin *known = known_plugin_find(registry, plugin);
    const struct known_version *there = known != NULL ? known_version_find(known, &semver) : NULL;
    if (there != NULL && strcmp(there->text, version) == 0 && strcmp(there->sha256, sha256) == 0) {
        verdict = PUBLISH_SAME;
    } else if (there != NULL) {
        verdict = PUBLISH_TAKEN;
        error_set(
            err, ERROR_CONFLICT,
            "%s %s was published with another content (sha256 %.12s...); a version never changes: publish "
            "the next one",
            plugin, there->text, there->sha256);
    } else if (!has_room(registry, plugin, known, identity->tenant, err)) {
        verdict = PUBLISH_FULL;
    }
    pthread_rwlock_unlock(&registry->lock);
    return verdict;
}

static bool keep_version(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    const char *actor = identity_actor(change->author->identity);
    return (change->space == NULL || namespace_add(db, change->space, actor, err)) &&
           plugin_version_add(db, change->version, change->content, err) &&
           audit(db, change, "plugin.publish", change->version->version, err);
}

static bool add_version(struct registry *registry, const char *plugin, const char *version,
                        struct package *package, const struct registry_author *author, struct error *err)
{
    char space_name[NAMESPACE_MAX + 1], owner[TENANT_ID_SIZE];
    struct bytes space_bytes = namespace_of(plugin);
    snprintf(space_name, sizeof space_name, "%.*s", (int)space_bytes.length, space_bytes.data);
    const struct namespace_row space = {.name = space_name, .tenant = author->identity->tenant};
    bool is_new = !registry_owner(registry, space_bytes, owner);
    const struct plugin_version_row row = {.plugin = plugin,
                                           .version = version,
                                           .sha256 = package->sha256,
                                           .code_bytes = (int64_t)package_code_bytes(package),
                                           .published_ms = clock_unix_ms(),
                                           .description = package->manifest.description,
                                           .actor = identity_actor(author->identity)};
    struct change change = {.registry = registry,
                            .author = author,
                            .space = is_new ? &space : NULL,
                            .version = &row,
                            .content = bytes_of(package->canonical, package->canonical_length),
                            .plugin = plugin};
    // What the store has and the memory has not would be of no use before a restart: so its place is had
    // first.
    autofree struct known_namespace *new_space = calloc(1, sizeof *new_space);
    struct version_place place = {0};
    pthread_rwlock_wrlock(&registry->lock);
    bool good = new_space != NULL && version_place_make(registry, &row, &place);
    pthread_rwlock_unlock(&registry->lock);
    if (!good)
        return error_set(err, ERROR_MEMORY, "the server has no memory for it");
    if (store_transact(registry->store, keep_version, &change, err)) {
        pthread_rwlock_wrlock(&registry->lock);
        if (is_new)
            known_namespace_add(registry, &space, &new_space);
        known_version_put(registry, &row, &place);
        pthread_rwlock_unlock(&registry->lock);
        return true;
    }
    version_place_free(&place);
    return false;
}

enum publish_verdict registry_publish(struct registry *registry, const char *plugin, const char *version,
                                      struct package *package, const struct registry_author *author,
                                      struct error *err)
{
    begin(registry);
    enum publish_verdict verdict =
        registry_may_add(registry, plugin, version, package->sha256, author->identity, err);
    if (verdict == PUBLISH_NEW && !add_version(registry, plugin, version, package, author, err))
        verdict = PUBLISH_FAILED;
    end(registry);
    if (verdict == PUBLISH_NEW) {
        package_drop_canonical(package);
        package_cache_put(&registry->cache, package);
    }
    return verdict;
}

static bool keep_yank(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    return plugin_version_yank(db, change->plugin, change->version->version, change->version->yanked_ms,
                               err) &&
           audit(db, change, "plugin.yank", change->version->version, err);
}

bool registry_yank(struct registry *registry, const char *plugin, const char *version,
                   const struct registry_author *author, struct error *err)
{
    struct semver semver;
    if (!semver_parse(bytes_of_text(version), &semver, err))
        return false;
    const struct plugin_version_row row = {.version = version, .yanked_ms = clock_unix_ms()};
    struct change change = {.registry = registry, .author = author, .version = &row, .plugin = plugin};
    begin(registry);
    bool good = store_transact(registry->store, keep_yank, &change, err);
    if (good) {
        pthread_rwlock_wrlock(&registry->lock);
        struct known_plugin *known = known_plugin_find(registry, plugin);
        struct known_version *there = known != NULL ? known_version_find(known, &semver) : NULL;
        if (there != NULL && there->yanked_ms == 0)
            there->yanked_ms = row.yanked_ms;
        pthread_rwlock_unlock(&registry->lock);
    }
    end(registry);
    return good;
}

static bool keep_install(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    uint64_t count;
    return install_put(db, change->install, identity_actor(change->author->identity), err) &&
           audit(db, change, "plugin.install", change->install->range, err) &&
           installs_count(db, change->install->tenant, &count, err) &&
           (count <= INSTALLS_PER_TENANT_MAX ||
            error_set(err, ERROR_CONFLICT,
                      "%s has %d plugins installed, the most of a tenant; uninstall one first",
                      change->install->tenant, INSTALLS_PER_TENANT_MAX));
}

static bool is_yanked(struct registry *registry, const struct plugin_pick *pick)
{
    struct semver semver;
    bool yanked = false;
    pthread_rwlock_rdlock(&registry->lock);
    struct known_plugin *known = known_plugin_find(registry, pick->plugin);
    if (known != NULL && semver_parse(bytes_of_text(pick->version), &semver, NULL)) {
        const struct known_version *there = known_version_find(known, &semver);
        yanked = there != NULL && there->yanked_ms != 0;
    }
    pthread_rwlock_unlock(&registry->lock);
    return yanked;
}

bool registry_install(struct registry *registry, const char *tenant, const char *plugin, const char *range,
                      const struct registry_author *author, struct plugin_pick *ret_pick, struct error *err)
{
    const struct install_row row = {
        .tenant = tenant, .plugin = plugin, .range = range, .installed_ms = clock_unix_ms()};
    struct change change = {.registry = registry, .author = author, .install = &row, .plugin = plugin};
    struct plugin_pick pick;
    autofree struct known_install *spare = calloc(1, sizeof *spare);
    begin(registry);
    bool good = spare != NULL || error_set(err, ERROR_MEMORY, "the server has no memory for it");
    good = good && registry_resolve(registry, tenant, plugin, range, &pick, err);
    if (good && is_yanked(registry, &pick))
        good = error_set(err, ERROR_NOT_FOUND, "%s %s is yanked: it runs where it was installed before",
                         plugin, pick.version);
    good = good && store_transact(registry->store, keep_install, &change, err);
    if (good) {
        pthread_rwlock_wrlock(&registry->lock);
        known_install_put(registry, &row, &spare);
        pthread_rwlock_unlock(&registry->lock);
    }
    end(registry);
    if (good)
        *ret_pick = pick;
    return good;
}

static bool keep_uninstall(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    return install_drop(db, change->install->tenant, change->plugin, err) &&
           audit(db, change, "plugin.uninstall", NULL, err);
}

bool registry_uninstall(struct registry *registry, const char *tenant, const char *plugin,
                        const struct registry_author *author, struct error *err)
{
    const struct install_row row = {.tenant = tenant, .plugin = plugin};
    struct change change = {.registry = registry, .author = author, .install = &row, .plugin = plugin};
    begin(registry);
    bool good = store_transact(registry->store, keep_uninstall, &change, err);
    if (good) {
        pthread_rwlock_wrlock(&registry->lock);
        known_install_drop(registry, tenant, plugin);
        pthread_rwlock_unlock(&registry->lock);
    }
    end(registry);
    return good;
}
