// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/registry_state.h"

#include <stdlib.h>

struct cached_package {
    struct id_entry entry;
    struct list link;
    struct package *package;
    uint64_t bytes;
};

bool package_cache_init(struct package_cache *cache, uint64_t bytes_max)
{
    pthread_mutex_init(&cache->lock, NULL);
    list_init(&cache->order);
    cache->bytes_max = bytes_max;
    return id_map_init(&cache->map);
}

static void drop(struct package_cache *cache, struct cached_package *cached)
{
    id_map_remove(&cache->map, &cached->entry);
    list_remove(&cached->link);
    gauge_add(&cache->bytes, -(int64_t)cached->bytes);
    package_unref(cached->package);
    free(cached);
}

void package_cache_free(struct package_cache *cache)
{
    struct cached_package *cached;
    list_each(cached, &cache->order, link) drop(cache, cached);
    id_map_deinit(&cache->map);
    pthread_mutex_destroy(&cache->lock);
}

static struct cached_package *find(struct package_cache *cache, const char *sha256)
{
    struct id_entry *entry = id_map_find(&cache->map, sha256);
    return entry != NULL ? list_item(entry, struct cached_package, entry) : NULL;
}

struct package *package_cache_find(struct package_cache *cache, const char *sha256)
{
    struct package *package = NULL;
    pthread_mutex_lock(&cache->lock);
    struct cached_package *cached = find(cache, sha256);
    if (cached != NULL) {
        list_remove(&cached->link);
        list_add_first(&cache->order, &cached->link);
        package = package_ref(cached->package);
        gauge_add(&cache->hits, 1);
    } else {
        gauge_add(&cache->misses, 1);
    }
    pthread_mutex_unlock(&cache->lock);
    return package;
}

void package_cache_put(struct package_cache *cache, struct package *package)
{
    struct cached_package *cached = calloc(1, sizeof *cached);
    if (cached == NULL)
        return;
    cached->package = package;
    cached->bytes = package_bytes(package);
    pthread_mutex_lock(&cache->lock);
    if (find(cache, package->sha256) != NULL) {
        pthread_mutex_unlock(&cache->lock);
        free(cached);
        return;
    }
    package_ref(package);
    // One that is larger than all of the room is held alone: else every run of it would read it anew.
    while (!list_empty(&cache->order) && gauge_read(&cache->bytes) + cached->bytes > cache->bytes_max)
        drop(cache, list_item(cache->order.previous, struct cached_package, link));
    id_map_add(&cache->map, &cached->entry, package->sha256);
    list_add_first(&cache->order, &cached->link);
    gauge_add(&cache->bytes, (int64_t)cached->bytes);
    pthread_mutex_unlock(&cache->lock);
}
