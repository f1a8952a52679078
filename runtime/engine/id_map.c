// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/id_map.h"

#include "base/require.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_BUCKETS = 64 };

static uint64_t rotate(uint64_t value, unsigned by)
{
    return value << by | value >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

// SipHash-1-3 (Aumasson and Bernstein, 2012): short keys, and collisions cannot be made without the seed.
static uint64_t hash_text(const uint64_t seed[2], const char *text)
{
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575ULL, seed[1] ^ 0x646f72616e646f6dULL,
                     seed[0] ^ 0x6c7967656e657261ULL, seed[1] ^ 0x7465646279746573ULL};
    size_t length = strlen(text);
    size_t at = 0;
    for (; at + 8 <= length; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)length << 56;
    for (unsigned i = 0; at + i < length; i++)
        last |= (uint64_t)(uint8_t)text[at + i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct id_entry **bucket_of(const struct id_map *map, uint64_t hash)
{
    return &map->buckets[hash & (map->bucket_count - 1)];
}

bool id_map_init(struct id_map *map)
{
    *map = (struct id_map){.bucket_count = FIRST_BUCKETS};
    if (getrandom(map->seed, sizeof map->seed, 0) != (ssize_t)sizeof map->seed)
        return false;
    map->buckets = calloc(FIRST_BUCKETS, sizeof *map->buckets);
    return map->buckets != NULL;
}

void id_map_deinit(struct id_map *map)
{
    free(map->buckets);
    *map = (struct id_map){0};
}

struct id_entry *id_map_find(const struct id_map *map, const char *key)
{
    uint64_t hash = hash_text(map->seed, key);
    for (struct id_entry *entry = *bucket_of(map, hash); entry != NULL; entry = entry->next)
        if (entry->hash == hash && strcmp(entry->key, key) == 0)
            return entry;
    return NULL;
}

static void grow(struct id_map *map)
{
    struct id_map bigger = *map;
    bigger.bucket_count = map->bucket_count * 2;
    bigger.buckets = calloc(bigger.bucket_count, sizeof *bigger.buckets);
    if (bigger.buckets == NULL)
        return;
    for (size_t i = 0; i < map->bucket_count; i++) {
        for (struct id_entry *entry = map->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            struct id_entry **bucket = bucket_of(&bigger, entry->hash);
            entry->next = *bucket;
            *bucket = entry;
        }
    }
    free(map->buckets);
    *map = bigger;
}

void id_map_add(struct id_map *map, struct id_entry *entry, const char *key)
{
    if (gauge_read(&map->count) >= map->bucket_count)
        grow(map);
    entry->key = key;
    entry->hash = hash_text(map->seed, key);
    struct id_entry **bucket = bucket_of(map, entry->hash);
    entry->next = *bucket;
    *bucket = entry;
    gauge_add(&map->count, 1);
}

void id_map_remove(struct id_map *map, struct id_entry *entry)
{
    struct id_entry **at = bucket_of(map, entry->hash);
    while (*at != entry) {
        require(*at != NULL);
        at = &(*at)->next;
    }
    *at = entry->next;
    entry->next = NULL;
    gauge_add(&map->count, -1);
}
