// SPDX-License-Identifier: Apache-2.0
// The copy of names, versions and installs that lives in memory: some hundred bytes a version.
#include "base/cleanup.h"
#include "base/require.h"
#include "sandboxd/registry/registry_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool registry_memory_init(struct registry *registry)
{
    return id_map_init(&registry->plugins) && id_map_init(&registry->namespaces) &&
           id_map_init(&registry->installs);
}

static struct known_plugin *plugin_of(struct id_entry *entry)
{
    return entry != NULL ? list_item(entry, struct known_plugin, entry) : NULL;
}

static void free_plugin(struct id_entry *entry)
{
    struct known_plugin *plugin = plugin_of(entry);
    for (size_t i = 0; i < plugin->count; i++)
        free(plugin->versions[i].text);
    free(plugin->versions);
    free(plugin);
}

static void free_namespace(struct id_entry *entry)
{
    free(list_item(entry, struct known_namespace, entry));
}

static void free_install(struct id_entry *entry)
{
    free(list_item(entry, struct known_install, entry));
}

static void free_map(struct id_map *map, void (*free_entry)(struct id_entry *entry))
{
    for (size_t i = 0; i < map->bucket_count; i++) {
        struct id_entry *next;
        for (struct id_entry *entry = map->buckets[i]; entry != NULL; entry = next) {
            next = entry->next;
            free_entry(entry);
        }
    }
    id_map_deinit(map);
}

void registry_memory_free(struct registry *registry)
{
    free_map(&registry->plugins, free_plugin);
    free_map(&registry->namespaces, free_namespace);
    free_map(&registry->installs, free_install);
}

struct known_plugin *known_plugin_find(struct registry *registry, const char *plugin)
{
    return plugin_of(id_map_find(&registry->plugins, plugin));
}

struct known_namespace *known_namespace_find(struct registry *registry, struct bytes name)
{
    char key[NAMESPACE_MAX + 1];
    if (name.length >= sizeof key)
        return NULL;
    memcpy(key, name.data, name.length);
    key[name.length] = '\0';
    struct id_entry *entry = id_map_find(&registry->namespaces, key);
    return entry != NULL ? list_item(entry, struct known_namespace, entry) : NULL;
}

size_t known_namespaces_of(const struct registry *registry, const char *tenant)
{
    size_t count = 0;
    for (size_t i = 0; i < registry->namespaces.bucket_count; i++)
        for (struct id_entry *entry = registry->namespaces.buckets[i]; entry != NULL; entry = entry->next)
            count += strcmp(list_item(entry, struct known_namespace, entry)->tenant, tenant) == 0;
    return count;
}

void known_namespace_add(struct registry *registry, const struct namespace_row *row,
                         struct known_namespace **spare)
{
    struct known_namespace *space = take_ptr(*spare);
    snprintf(space->name, sizeof space->name, "%s", row->name);
    snprintf(space->tenant, sizeof space->tenant, "%s", row->tenant);
    id_map_add(&registry->namespaces, &space->entry, space->name);
}

// The first place whose version is not above `semver`.
static size_t place_of(const struct known_plugin *plugin, const struct semver *semver)
{
    size_t low = 0, high = plugin->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (semver_compare(&plugin->versions[middle].semver, semver) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct known_version *known_version_find(struct known_plugin *plugin, const struct semver *semver)
{
    size_t place = place_of(plugin, semver);
    bool found = place < plugin->count && semver_compare(&plugin->versions[place].semver, semver) == 0;
    return found ? &plugin->versions[place] : NULL;
}

static bool make_room(struct known_plugin *plugin)
{
    if (plugin->count < plugin->capacity)
        return true;
    size_t capacity = plugin->capacity > 0 ? plugin->capacity * 2 : 4;
    struct known_version *grown = reallocarray(plugin->versions, capacity, sizeof *grown);
    if (grown == NULL)
        return false;
    plugin->versions = grown;
    plugin->capacity = capacity;
    return true;
}

static void count_in_namespace(struct registry *registry, const struct known_plugin *plugin)
{
    struct known_namespace *space =
        known_namespace_find(registry, bytes_of(plugin->name, strcspn(plugin->name, "/")));
    if (space == NULL)
        return;
    space->plugins += plugin->count == 1;
    space->versions++;
}

bool version_place_make(struct registry *registry, const struct plugin_version_row *row,
                        struct version_place *ret_place)
{
    struct known_plugin *known = known_plugin_find(registry, row->plugin);
    struct version_place place = {.plugin = known == NULL ? calloc(1, sizeof *known) : NULL,
                                  .text = strdup(row->version)};
    struct known_plugin *plugin = known != NULL ? known : place.plugin;
    if (plugin == NULL || place.text == NULL || !make_room(plugin)) {
        version_place_free(&place);
        return false;
    }
    *ret_place = place;
    return true;
}

void version_place_free(struct version_place *place)
{
    if (place->plugin != NULL)
        free(place->plugin->versions);
    free(place->plugin);
    free(place->text);
    *place = (struct version_place){0};
}

static struct known_plugin *plugin_for(struct registry *registry, const char *name,
                                       struct version_place *place)
{
    struct known_plugin *plugin = take_ptr(place->plugin);
    if (plugin == NULL)
        return known_plugin_find(registry, name);
    snprintf(plugin->name, sizeof plugin->name, "%s", name);
    id_map_add(&registry->plugins, &plugin->entry, plugin->name);
    return plugin;
}

void known_version_put(struct registry *registry, const struct plugin_version_row *row,
                       struct version_place *at)
{
    struct known_plugin *plugin = plugin_for(registry, row->plugin, at);
    struct known_version version = {.text = take_ptr(at->text),
                                    .published_ms = row->published_ms,
                                    .yanked_ms = row->yanked_ms,
                                    .code_bytes = (uint64_t)row->code_bytes};
    snprintf(version.sha256, sizeof version.sha256, "%s", row->sha256);
    // What was kept has been read once before.
    require(semver_parse(bytes_of_text(version.text), &version.semver, NULL));
    size_t place = place_of(plugin, &version.semver);
    memmove(plugin->versions + place + 1, plugin->versions + place,
            (plugin->count - place) * sizeof *plugin->versions);
    plugin->versions[place] = version;
    plugin->count++;
    gauge_add(&registry->version_count, 1);
    count_in_namespace(registry, plugin);
}

bool known_version_add(struct registry *registry, const struct plugin_version_row *row)
{
    struct version_place place;
    if (!version_place_make(registry, row, &place))
        return false;
    known_version_put(registry, row, &place);
    return true;
}

static void install_key(const char *tenant, const char *plugin, char key[INSTALL_KEY_SIZE])
{
    snprintf(key, INSTALL_KEY_SIZE, "%s %s", tenant, plugin);
}

struct known_install *known_install_find(struct registry *registry, const char *tenant, const char *plugin)
{
    char key[INSTALL_KEY_SIZE];
    install_key(tenant, plugin, key);
    struct id_entry *entry = id_map_find(&registry->installs, key);
    return entry != NULL ? list_item(entry, struct known_install, entry) : NULL;
}

void known_install_put(struct registry *registry, const struct install_row *row, struct known_install **spare)
{
    struct known_install *install = known_install_find(registry, row->tenant, row->plugin);
    if (install == NULL) {
        install = take_ptr(*spare);
        install_key(row->tenant, row->plugin, install->key);
        id_map_add(&registry->installs, &install->entry, install->key);
    }
    snprintf(install->text, sizeof install->text, "%s", row->range);
    require(version_range_parse(bytes_of_text(install->text), &install->range, NULL));
}

void known_install_drop(struct registry *registry, const char *tenant, const char *plugin)
{
    struct known_install *install = known_install_find(registry, tenant, plugin);
    if (install == NULL)
        return;
    id_map_remove(&registry->installs, &install->entry);
    free(install);
}
