// SPDX-License-Identifier: Apache-2.0
// Opening the registry, and looking things up in it.
#include "sandboxd/registry/registry.h"

#include "base/cleanup.h"
#include "policies/quote.h"
#include "sandboxd/registry/registry_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_namespace(void *registry, const struct namespace_row *row)
{
    autofree struct known_namespace *place = calloc(1, sizeof *place);
    if (place == NULL)
        return false;
    known_namespace_add(registry, row, &place);
    return true;
}

static bool take_version(void *registry, const struct plugin_version_row *row)
{
    return known_version_add(registry, row);
}

static bool take_install(void *registry, const struct install_row *row)
{
    autofree struct known_install *place = calloc(1, sizeof *place);
    if (place == NULL)
        return false;
    known_install_put(registry, row, &place);
    return true;
}

static bool read_all(struct database *db, void *registry, struct error *err)
{
    return namespaces_read(db, take_namespace, registry, err) &&
           plugin_versions_read(db, take_version, registry, err) &&
           installs_read(db, take_install, registry, err);
}

struct registry *registry_open(struct store *store, uint64_t cache_bytes, struct error *err)
{
    struct registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the registry");
        return NULL;
    }
    registry->store = store;
    pthread_mutex_init(&registry->change_lock, NULL);
    pthread_rwlock_init(&registry->lock, NULL);
    bool ready = registry_memory_init(registry) && package_cache_init(&registry->cache, cache_bytes);
    if (!ready)
        error_set(err, ERROR_MEMORY, "no memory for the registry");
    if (!ready || !store_read(store, read_all, registry, err)) {
        registry_close(registry);
        return NULL;
    }
    return registry;
}

void registry_close(struct registry *registry)
{
    if (registry == NULL)
        return;
    package_cache_free(&registry->cache);
    registry_memory_free(registry);
    pthread_rwlock_destroy(&registry->lock);
    pthread_mutex_destroy(&registry->change_lock);
    free(registry);
}

// The highest version in `range` (NULL: any) that is not yanked; an exact one also if it is.
static const struct known_version *pick_in(struct known_plugin *plugin, const struct version_range *range)
{
    if (range != NULL && version_range_is_exact(range))
        return known_version_find(plugin, &range->term[0].version);
    const struct known_version *prerelease = NULL;
    bool was_released = false;
    for (size_t i = 0; i < plugin->count; i++) {
        const struct known_version *version = &plugin->versions[i];
        was_released |= !semver_is_prerelease(&version->semver);
        if (version->yanked_ms != 0 || (range != NULL && !version_range_has(range, &version->semver)))
            continue;
        if (range != NULL || !semver_is_prerelease(&version->semver))
            return version;
        prerelease = prerelease != NULL ? prerelease : version;
    }
    return was_released ? NULL
                        : prerelease; // taking all releases back does not put a pre-release in their place
}

static bool tell_none(const struct known_plugin *plugin, const char *range_text, struct error *err)
{
    char quoted[QUOTE_SIZE];
    const char *newest = plugin->count > 0 ? plugin->versions[0].text : "none";
    if (range_text == NULL)
        return error_set(err, ERROR_NOT_FOUND,
                         "every release of %s is yanked; name a version exactly to run it", plugin->name);
    return error_set(err, ERROR_NOT_FOUND, "%s has no version in %s that is not yanked; its highest is %s",
                     plugin->name, quote(bytes_of_text(range_text), quoted), newest);
}

static bool resolve_locked(struct registry *registry, const char *tenant, const char *name,
                           const struct version_range *wanted, const char *wanted_text,
                           struct plugin_pick *ret_pick, struct error *err)
{
    char quoted[QUOTE_SIZE];
    struct known_plugin *plugin = known_plugin_find(registry, name);
    if (plugin == NULL)
        return error_set(err, ERROR_NOT_FOUND, "there is no plugin %s; GET /v1/plugins lists them",
                         quote(bytes_of_text(name), quoted));
    if (wanted == NULL) {
        const struct known_install *install =
            tenant != NULL ? known_install_find(registry, tenant, name) : NULL;
        wanted = install != NULL ? &install->range : NULL;
        wanted_text = install != NULL ? install->text : NULL;
    }
    const struct known_version *version = pick_in(plugin, wanted);
    if (version == NULL)
        return tell_none(plugin, wanted_text, err);
    snprintf(ret_pick->plugin, sizeof ret_pick->plugin, "%s", plugin->name);
    snprintf(ret_pick->version, sizeof ret_pick->version, "%s", version->text);
    memcpy(ret_pick->sha256, version->sha256, sizeof ret_pick->sha256);
    return true;
}

bool registry_resolve(struct registry *registry, const char *tenant, const char *plugin, const char *wanted,
                      struct plugin_pick *ret_pick, struct error *err)
{
    struct version_range range;
    if (wanted != NULL && !version_range_parse(bytes_of_text(wanted), &range, err))
        return false;
    pthread_rwlock_rdlock(&registry->lock);
    bool found =
        resolve_locked(registry, tenant, plugin, wanted != NULL ? &range : NULL, wanted, ret_pick, err);
    pthread_rwlock_unlock(&registry->lock);
    return found;
}

struct package *registry_cached(struct registry *registry, const struct plugin_pick *pick)
{
    return package_cache_find(&registry->cache, pick->sha256);
}

struct loading {
    const char *sha256;
    char *content; // owned
    size_t length;
};

static bool copy_content(void *loading_, struct bytes content, struct error *err)
{
    struct loading *loading = loading_;
    loading->content = malloc(content.length + 1);
    if (loading->content == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for a plugin's content");
    if (content.length > 0)
        memcpy(loading->content, content.data, content.length);
    loading->length = content.length;
    return true;
}

static bool read_content(struct database *db, void *loading_, struct error *err)
{
    struct loading *loading = loading_;
    return plugin_content_read(db, loading->sha256, copy_content, loading, err);
}

static struct package *parse_content(const struct loading *loading, struct error *err)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct package *package = package_read(bytes_of(loading->content, loading->length), &faults);
    // It was read when it was published: this is another program's rule, or the disk's fault.
    if (package == NULL)
        error_set(err, ERROR_INVALID, "the content %.12s of the store cannot be read: %s %s", loading->sha256,
                  faults.count > 0 ? faults.items[0].pointer : "",
                  faults.count > 0 ? faults.items[0].message : "out of memory");
    diagnostics_free(&faults);
    return package;
}

struct package *registry_load(struct registry *registry, const struct plugin_pick *pick, struct error *err)
{
    struct package *package = package_cache_find(&registry->cache, pick->sha256);
    if (package != NULL)
        return package;
    // A hostile manifest takes its time, and the store has one reader: it is parsed when that is free again.
    struct loading loading = {.sha256 = pick->sha256};
    if (store_read(registry->store, read_content, &loading, err))
        package = parse_content(&loading, err);
    free(loading.content);
    if (package == NULL)
        return NULL;
    package_drop_canonical(package);
    package_cache_put(&registry->cache, package);
    return package;
}

bool registry_owner(struct registry *registry, struct bytes space, char ret_tenant[TENANT_ID_SIZE])
{
    pthread_rwlock_rdlock(&registry->lock);
    const struct known_namespace *known = known_namespace_find(registry, space);
    if (known != NULL)
        memcpy(ret_tenant, known->tenant, TENANT_ID_SIZE);
    pthread_rwlock_unlock(&registry->lock);
    return known != NULL;
}

bool registry_may_publish(struct registry *registry, const struct identity *identity, struct bytes space)
{
    char owner[TENANT_ID_SIZE];
    return !registry_owner(registry, space, owner) || identity_may(identity, owner);
}

bool registry_describe(struct registry *registry, const char *plugin,
                       bool (*take)(void *context, const struct version_facts *facts), void *context)
{
    pthread_rwlock_rdlock(&registry->lock);
    const struct known_plugin *known = known_plugin_find(registry, plugin);
    for (size_t i = 0; known != NULL && i < known->count; i++) {
        const struct known_version *version = &known->versions[i];
        struct version_facts facts = {.version = version->text,
                                      .sha256 = version->sha256,
                                      .published_ms = version->published_ms,
                                      .yanked_ms = version->yanked_ms,
                                      .code_bytes = version->code_bytes};
        if (!take(context, &facts))
            break;
    }
    pthread_rwlock_unlock(&registry->lock);
    return known != NULL;
}

bool registry_installed(struct registry *registry, const char *tenant, const char *plugin,
                        char ret_range[RANGE_TEXT_MAX + 1])
{
    pthread_rwlock_rdlock(&registry->lock);
    const struct known_install *install = known_install_find(registry, tenant, plugin);
    if (install != NULL)
        memcpy(ret_range, install->text, sizeof install->text);
    pthread_rwlock_unlock(&registry->lock);
    return install != NULL;
}

void registry_read_figures(const struct registry *registry, struct registry_figures *ret_figures)
{
    const struct package_cache *cache = &registry->cache;
    *ret_figures = (struct registry_figures){
        .plugins = gauge_read(&registry->plugins.count),
        .versions = gauge_read(&registry->version_count),
        .installs = gauge_read(&registry->installs.count),
        .cached = gauge_read(&cache->map.count),
        .cached_bytes = gauge_read(&cache->bytes),
        .hits = gauge_read(&cache->hits),
        .misses = gauge_read(&cache->misses),
    };
}
