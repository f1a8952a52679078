// SPDX-License-Identifier: Apache-2.0
// A hash table from short texts (run ids, tenants, policies) to things that contain their entry. Chained,
// with a keyed hash (SipHash-1-3), since tenants choose their names. Not thread-safe.
#pragma once

#include "base/gauge.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_entry {
    struct id_entry *next;
    const char *key; // borrowed; as long as the entry is in a map
    uint64_t hash;
};

struct id_map {
    struct id_entry **buckets;
    size_t bucket_count; // a power of two
    struct gauge count;  // read by whoever does not own the map, too
    uint64_t seed[2];
};

// False if there is no memory, or no random seed.
bool id_map_init(struct id_map *map);
// The entries stay their owners'.
void id_map_deinit(struct id_map *map);
struct id_entry *id_map_find(const struct id_map *map, const char *key);
// Adds an entry whose key is not in the map yet. Never fails: a map that cannot grow gets slower.
void id_map_add(struct id_map *map, struct id_entry *entry, const char *key);
// The entry must be in the map.
void id_map_remove(struct id_map *map, struct id_entry *entry);
