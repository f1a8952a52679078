// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/replies/known_replies.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// To find who has most looks at every tenant: so several go at once.
enum { EVICTED_AT_ONCE = 64 };

// What one tenant has; there as long as it has any.
struct reply_owner {
    struct id_entry entry;
    char tenant[TENANT_ID_SIZE];
    struct list ages;    // the oldest first
    struct list waiting; // answers to be written
    struct list turn;    // among the owners of such
    unsigned count, going_on;
    uint64_t bytes;
};

bool known_replies_init(struct known_replies *known)
{
    known->bytes = 0;
    known->going_on = known->of_tenants = 0;
    list_init(&known->ages);
    list_init(&known->turns);
    list_init(&known->evicted);
    return id_map_init(&known->map) && id_map_init(&known->owners);
}

static struct reply_owner *find_owner(const struct known_replies *known, const char *tenant)
{
    struct id_entry *entry = id_map_find(&known->owners, tenant);
    return entry != NULL ? list_item(entry, struct reply_owner, entry) : NULL;
}

static struct reply_owner *owner_of(struct known_replies *known, const char *tenant)
{
    struct reply_owner *owner = find_owner(known, tenant);
    if (owner != NULL)
        return owner;
    owner = calloc(1, sizeof *owner);
    if (owner == NULL)
        return NULL;
    snprintf(owner->tenant, sizeof owner->tenant, "%s", tenant);
    list_init(&owner->ages);
    list_init(&owner->waiting);
    list_init(&owner->turn);
    id_map_add(&known->owners, &owner->entry, owner->tenant);
    return owner;
}

struct known_reply *known_reply_find(struct known_replies *known, const unsigned char id[REPLY_HASH_SIZE])
{
    char text[sizeof((struct known_reply *)0)->id];
    sodium_bin2hex(text, sizeof text, id, REPLY_HASH_SIZE);
    struct id_entry *entry = id_map_find(&known->map, text);
    return entry != NULL ? list_item(entry, struct known_reply, entry) : NULL;
}

// One more that goes on, or one less.
static void count_going_on(struct known_replies *known, struct reply_owner *owner, int change)
{
    owner->going_on += (unsigned)change;
    known->going_on += (unsigned)change;
    if (owner->tenant[0] != '\0')
        known->of_tenants += (unsigned)change;
}

bool known_replies_may_begin(const struct known_replies *known, const char *tenant)
{
    if (known->going_on >= REPLIES_GOING_ON_MAX)
        return false;
    const struct reply_owner *owner = find_owner(known, tenant);
    return tenant[0] == '\0' || (known->of_tenants < REPLIES_OF_TENANTS_GOING_ON_MAX &&
                                 (owner == NULL || owner->going_on < REPLIES_OF_TENANT_GOING_ON_MAX));
}

struct known_reply *known_reply_add(struct known_replies *known, const struct reply_row *row)
{
    struct known_reply *reply = calloc(1, sizeof *reply);
    struct reply_owner *owner = reply != NULL ? owner_of(known, row->tenant) : NULL;
    if (owner == NULL) {
        free(reply);
        return NULL;
    }
    sodium_bin2hex(reply->id, sizeof reply->id, row->id, REPLY_HASH_SIZE);
    memcpy(reply->raw_id, row->id, REPLY_HASH_SIZE);
    memcpy(reply->body_sha256, row->body_sha256, REPLY_HASH_SIZE);
    memcpy(reply->tenant, owner->tenant, sizeof reply->tenant);
    reply->at_ms = row->at_ms;
    reply->owner = owner;
    list_init(&reply->wait_link);
    owner->count++;
    count_going_on(known, owner, 1);
    id_map_add(&known->map, &reply->entry, reply->id);
    list_add_last(&known->ages, &reply->link);
    list_add_last(&owner->ages, &reply->own_link);
    return reply;
}

void known_reply_keep(struct known_replies *known, struct known_reply *reply, uint64_t bytes)
{
    reply->kept = true;
    count_going_on(known, reply->owner, -1);
    reply->bytes = bytes;
    reply->owner->bytes += bytes;
    known->bytes += bytes;
}

void known_reply_wait(struct known_replies *known, struct known_reply *reply, struct keeping *answer)
{
    struct reply_owner *owner = reply->owner;
    reply->answer = answer;
    list_add_last(&owner->waiting, &reply->wait_link);
    if (list_empty(&owner->turn))
        list_add_last(&known->turns, &owner->turn);
}

struct known_reply *known_reply_next(const struct known_replies *known)
{
    if (list_empty(&known->turns))
        return NULL;
    const struct reply_owner *owner = list_first(&known->turns, struct reply_owner, turn);
    return list_first(&owner->waiting, struct known_reply, wait_link);
}

void known_reply_take(struct known_replies *known, struct known_reply *reply)
{
    struct reply_owner *owner = reply->owner;
    list_remove(&reply->wait_link);
    list_remove(&owner->turn);
    if (!list_empty(&owner->waiting))
        list_add_last(&known->turns, &owner->turn);
}

static void forget(struct known_replies *known, struct known_reply *reply)
{
    struct reply_owner *owner = reply->owner;
    if (!reply->kept)
        count_going_on(known, owner, -1);
    id_map_remove(&known->map, &reply->entry);
    list_remove(&reply->link);
    list_remove(&reply->own_link);
    known->bytes -= reply->bytes;
    owner->bytes -= reply->bytes;
    reply->owner = NULL;
    if (--owner->count > 0)
        return;
    id_map_remove(&known->owners, &owner->entry);
    free(owner);
}

void known_reply_drop(struct known_replies *known, struct known_reply *reply)
{
    forget(known, reply);
    free(reply);
}

void known_replies_free(struct known_replies *known)
{
    struct known_reply *reply;
    list_each(reply, &known->ages, link) known_reply_drop(known, reply);
    list_each(reply, &known->evicted, link) free(reply);
    id_map_deinit(&known->map);
    id_map_deinit(&known->owners);
}

// The tenant's oldest that are answered, up to so many. Their rows go with the next answer that is kept: who
// asks does not wait for the disk. Its owner may be gone then. False: there is none.
static bool evict(struct known_replies *known, struct reply_owner *owner, unsigned count)
{
    unsigned evicted = 0;
    struct list *next = owner->ages.next;
    for (unsigned left = owner->count; left > 0 && evicted < count; left--) {
        struct known_reply *reply = list_item(next, struct known_reply, own_link);
        next = next->next;
        if (!reply->kept)
            continue;
        forget(known, reply);
        list_add_last(&known->evicted, &reply->link);
        evicted++;
    }
    return evicted > 0;
}

static struct reply_owner *who_has_most(const struct known_replies *known, bool by_count)
{
    struct reply_owner *most = NULL;
    for (size_t i = 0; i < known->owners.bucket_count; i++) {
        for (struct id_entry *entry = known->owners.buckets[i]; entry != NULL; entry = entry->next) {
            struct reply_owner *owner = list_item(entry, struct reply_owner, entry);
            if (most == NULL || (by_count ? owner->count > most->count : owner->bytes > most->bytes))
                most = owner;
        }
    }
    return most;
}

static void drop_old(struct known_replies *known, int64_t now_ms)
{
    struct known_reply *reply;
    list_each(reply, &known->ages, link)
    {
        if (reply->at_ms > now_ms - REPLY_KEPT_MS)
            return;
        if (reply->kept)
            known_reply_drop(known, reply); // its row goes by its age
    }
}

static bool has_too_many(const struct reply_owner *owner)
{
    return owner != NULL && owner->count >= REPLIES_OF_TENANT_MAX;
}

bool known_replies_make_room(struct known_replies *known, const char *tenant, int64_t now_ms)
{
    drop_old(known, now_ms);
    struct reply_owner *owner = find_owner(known, tenant);
    bool room = !has_too_many(owner) || evict(known, owner, 1);
    if (gauge_read(&known->map.count) >= REPLIES_MAX)
        room &= evict(known, who_has_most(known, true), EVICTED_AT_ONCE);
    return room;
}

void known_replies_make_bytes(struct known_replies *known, const char *tenant, uint64_t bytes)
{
    _Static_assert(REPLIES_OF_TENANT_BYTES_MAX > 4 * REPLY_BODY_MAX,
                   "evicting one never takes its owner along");
    struct reply_owner *owner = find_owner(known, tenant);
    while (owner != NULL && owner->bytes + bytes > REPLIES_OF_TENANT_BYTES_MAX && evict(known, owner, 1))
        continue;
    while (known->bytes + bytes > REPLIES_BYTES_MAX &&
           evict(known, who_has_most(known, false), EVICTED_AT_ONCE))
        continue;
}
