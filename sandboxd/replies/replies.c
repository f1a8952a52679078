// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/replies/replies.h"

#include "base/clock.h"
#include "runtime/engine/id_map.h"
#include "runtime/engine/list.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_TEXT_SIZE = 2 * REPLY_HASH_SIZE + 1 };

// Those of one tenant; there as long as it has one.
struct owner {
    struct id_entry entry;
    char tenant[TENANT_ID_SIZE];
    struct list ages; // the oldest first
    unsigned count;
};

struct known_reply {
    struct id_entry entry;
    struct list link;     // in `ages`, the oldest first; or in `evicted`
    struct list own_link; // in its owner's
    struct owner *owner;  // NULL when evicted
    char tenant[TENANT_ID_SIZE];
    unsigned char raw_id[REPLY_HASH_SIZE];
    char id[ID_TEXT_SIZE];
    unsigned char body_sha256[REPLY_HASH_SIZE];
    int64_t at_ms;
    bool kept;
};

struct replies {
    struct store *store;
    pthread_mutex_t lock;
    struct id_map map;
    struct id_map owners;
    struct list ages;
    struct list evicted; // known no more, and their rows are still to be deleted
};

static void id_text(const unsigned char id[REPLY_HASH_SIZE], char text[ID_TEXT_SIZE])
{
    sodium_bin2hex(text, ID_TEXT_SIZE, id, REPLY_HASH_SIZE);
}

static struct known_reply *find(struct replies *replies, const unsigned char id[REPLY_HASH_SIZE])
{
    char text[ID_TEXT_SIZE];
    id_text(id, text);
    struct id_entry *entry = id_map_find(&replies->map, text);
    return entry != NULL ? list_item(entry, struct known_reply, entry) : NULL;
}

static struct owner *owner_of(struct replies *replies, const char *tenant)
{
    struct id_entry *entry = id_map_find(&replies->owners, tenant);
    if (entry != NULL)
        return list_item(entry, struct owner, entry);
    struct owner *owner = calloc(1, sizeof *owner);
    if (owner == NULL)
        return NULL;
    snprintf(owner->tenant, sizeof owner->tenant, "%s", tenant);
    list_init(&owner->ages);
    id_map_add(&replies->owners, &owner->entry, owner->tenant);
    return owner;
}

static struct known_reply *add(struct replies *replies, const struct reply_row *row)
{
    struct known_reply *known = calloc(1, sizeof *known);
    struct owner *owner = known != NULL ? owner_of(replies, row->tenant) : NULL;
    if (owner == NULL) {
        free(known);
        return NULL;
    }
    id_text(row->id, known->id);
    memcpy(known->raw_id, row->id, REPLY_HASH_SIZE);
    memcpy(known->body_sha256, row->body_sha256, REPLY_HASH_SIZE);
    memcpy(known->tenant, owner->tenant, sizeof known->tenant);
    known->at_ms = row->at_ms;
    known->owner = owner;
    owner->count++;
    id_map_add(&replies->map, &known->entry, known->id);
    list_add_last(&replies->ages, &known->link);
    list_add_last(&owner->ages, &known->own_link);
    return known;
}

static void forget(struct replies *replies, struct known_reply *known)
{
    struct owner *owner = known->owner;
    id_map_remove(&replies->map, &known->entry);
    list_remove(&known->link);
    list_remove(&known->own_link);
    known->owner = NULL;
    if (--owner->count > 0)
        return;
    id_map_remove(&replies->owners, &owner->entry);
    free(owner);
}

static void drop(struct replies *replies, struct known_reply *known)
{
    forget(replies, known);
    free(known);
}

// Its row goes with the next answer that is kept: who asks does not wait for the disk.
static void evict(struct replies *replies, struct known_reply *known)
{
    forget(replies, known);
    list_add_last(&replies->evicted, &known->link);
}

// The oldest go when their time is up (their rows by age, too), and the tenant's own when it has too many; of
// all tenants' only when there are too many in all. Not those that are being answered.
static void make_room(struct replies *replies, const char *tenant, int64_t now_ms)
{
    struct known_reply *known;
    struct id_entry *entry = id_map_find(&replies->owners, tenant);
    struct owner *owner = entry != NULL ? list_item(entry, struct owner, entry) : NULL;
    if (owner != NULL && owner->count >= REPLIES_OF_TENANT_MAX) {
        list_each(known, &owner->ages, own_link)
        {
            if (known->kept) {
                evict(replies, known); // the owner has more
                break;
            }
        }
    }
    list_each(known, &replies->ages, link)
    {
        bool old = known->at_ms <= now_ms - REPLY_KEPT_MS;
        if (!old && gauge_read(&replies->map.count) < REPLIES_MAX)
            return;
        if (known->kept && old)
            drop(replies, known);
        else if (known->kept)
            evict(replies, known);
    }
}

// Whether the tenant may have one more.
static bool has_room(const struct replies *replies, const char *tenant)
{
    const struct id_entry *entry = id_map_find(&replies->owners, tenant);
    return gauge_read(&replies->map.count) < REPLIES_MAX &&
           (entry == NULL || list_item(entry, struct owner, entry)->count < REPLIES_OF_TENANT_MAX);
}

static bool take_row(void *replies_, const struct reply_row *row)
{
    make_room(replies_, row->tenant, row->at_ms); // a store of a server that kept more
    struct known_reply *known = add(replies_, row);
    if (known != NULL)
        known->kept = true;
    return known != NULL;
}

static bool read_rows(struct sqlite3 *db, void *replies, struct error *err)
{
    return replies_list(db, clock_unix_ms() - REPLY_KEPT_MS, take_row, replies, err);
}

struct replies *replies_open(struct store *store, struct error *err)
{
    struct replies *replies = calloc(1, sizeof *replies);
    if (replies == NULL || !id_map_init(&replies->map) || !id_map_init(&replies->owners)) {
        if (replies != NULL)
            id_map_deinit(&replies->map);
        free(replies);
        error_set(err, ERROR_MEMORY, "no memory for kept answers");
        return NULL;
    }
    replies->store = store;
    list_init(&replies->ages);
    list_init(&replies->evicted);
    pthread_mutex_init(&replies->lock, NULL);
    if (store_read(store, read_rows, replies, err))
        return replies;
    replies_close(replies);
    return NULL;
}

void replies_close(struct replies *replies)
{
    if (replies == NULL)
        return;
    struct known_reply *known;
    list_each(known, &replies->ages, link) drop(replies, known);
    list_each(known, &replies->evicted, link) free(known);
    id_map_deinit(&replies->map);
    id_map_deinit(&replies->owners);
    pthread_mutex_destroy(&replies->lock);
    free(replies);
}

static void hash_parts(unsigned char out[REPLY_HASH_SIZE], const char *purpose, const char *tenant,
                       struct bytes path, struct bytes key)
{
    const struct bytes parts[] = {bytes_of_text(purpose), bytes_of_text(tenant), path, key};
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        // With its length, so that no two lists of parts look the same.
        uint64_t length = parts[i].length;
        crypto_hash_sha256_update(&state, (const unsigned char *)&length, sizeof length);
        crypto_hash_sha256_update(&state, (const unsigned char *)parts[i].data, parts[i].length);
    }
    crypto_hash_sha256_final(&state, out);
}

void reply_key_make(const char *tenant, struct bytes path, struct bytes key, struct bytes body,
                    struct reply_key *ret_key)
{
    _Static_assert((int)REPLY_HASH_SIZE == (int)crypto_hash_sha256_BYTES &&
                       (int)REPLY_HASH_SIZE == (int)crypto_secretbox_KEYBYTES,
                   "one size for all");
    snprintf(ret_key->tenant, sizeof ret_key->tenant, "%s", tenant);
    hash_parts(ret_key->id, "id", tenant, path, key);
    hash_parts(ret_key->seal, "seal", tenant, path, key);
    crypto_hash_sha256(ret_key->body_sha256, (const unsigned char *)(body.data != NULL ? body.data : ""),
                       body.length);
}

enum reply_state replies_begin(struct replies *replies, const struct reply_key *key)
{
    int64_t now_ms = clock_unix_ms();
    enum reply_state state;
    const struct reply_row row = {
        .tenant = key->tenant, .id = key->id, .body_sha256 = key->body_sha256, .at_ms = now_ms};
    pthread_mutex_lock(&replies->lock);
    const struct known_reply *known = find(replies, key->id);
    if (known == NULL || known->at_ms <= now_ms - REPLY_KEPT_MS) {
        make_room(replies, key->tenant, now_ms); // only then: a repeat costs nobody's place
        known = find(replies, key->id);
    }
    if (known == NULL)
        state = has_room(replies, key->tenant) && add(replies, &row) != NULL ? REPLY_NEW : REPLY_FULL;
    else if (memcmp(known->body_sha256, key->body_sha256, REPLY_HASH_SIZE) != 0)
        state = REPLY_OTHER;
    else
        state = known->kept ? REPLY_KEPT : REPLY_RUNNING;
    pthread_mutex_unlock(&replies->lock);
    return state;
}

void replies_forget(struct replies *replies, const struct reply_key *key)
{
    pthread_mutex_lock(&replies->lock);
    struct known_reply *known = find(replies, key->id);
    if (known != NULL && !known->kept)
        drop(replies, known);
    pthread_mutex_unlock(&replies->lock);
}

// --- what is in the store: a nonce, then the sealed header and body

struct header {
    unsigned status;
    char content_type[sizeof((struct reply *)0)->content_type];
    char location[sizeof((struct reply *)0)->location];
};

enum { SEALED_EXTRA = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + sizeof(struct header) };

static unsigned char *seal(const struct reply_key *key, const struct reply *reply, size_t *ret_length)
{
    struct header header;
    memset(&header, 0, sizeof header);
    header.status = reply->status;
    memcpy(header.content_type, reply->content_type, sizeof header.content_type);
    memcpy(header.location, reply->location, sizeof header.location);
    size_t length = SEALED_EXTRA + reply->body.length;
    unsigned char *sealed = malloc(length);
    if (sealed == NULL)
        return NULL;
    unsigned char *nonce = sealed, *box = sealed + crypto_secretbox_NONCEBYTES;
    unsigned char *plain = box + crypto_secretbox_MACBYTES;
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    memcpy(plain, &header, sizeof header);
    if (reply->body.length > 0)
        memcpy(plain + sizeof header, reply->body.data, reply->body.length);
    crypto_secretbox_easy(box, plain, sizeof header + reply->body.length, nonce, key->seal);
    *ret_length = length;
    return sealed;
}

static bool unseal(const struct reply_key *key, struct bytes sealed, struct reply *ret_reply)
{
    if (sealed.length < SEALED_EXTRA)
        return false;
    const unsigned char *nonce = (const unsigned char *)sealed.data;
    const unsigned char *box = nonce + crypto_secretbox_NONCEBYTES;
    size_t box_length = sealed.length - crypto_secretbox_NONCEBYTES;
    size_t plain_length = box_length - crypto_secretbox_MACBYTES;
    unsigned char *plain = malloc(plain_length);
    struct header header;
    bool good = plain != NULL && crypto_secretbox_open_easy(plain, box, box_length, nonce, key->seal) == 0;
    if (good) {
        memcpy(&header, plain, sizeof header);
        ret_reply->status = header.status;
        memcpy(ret_reply->content_type, header.content_type, sizeof header.content_type);
        memcpy(ret_reply->location, header.location, sizeof header.location);
        ret_reply->body = buffer_make(plain_length);
        buffer_append(&ret_reply->body, plain + sizeof header, plain_length - sizeof header);
    }
    free(plain);
    return good;
}

struct writing {
    struct replies *replies;
    const struct reply_row *row;
};

// What was evicted is taken here, where one transaction follows the other: none deletes a row that another
// has put since. If this one fails, those rows go by their age.
static bool write_row(struct sqlite3 *db, void *writing_, struct error *err)
{
    struct writing *writing = writing_;
    struct replies *replies = writing->replies;
    struct list evicted;
    pthread_mutex_lock(&replies->lock);
    list_move_all(&replies->evicted, &evicted);
    pthread_mutex_unlock(&replies->lock);
    bool good = true;
    struct known_reply *known;
    list_each(known, &evicted, link)
    {
        good = good && reply_delete(db, known->tenant, known->raw_id, err);
        free(known);
    }
    return good && reply_put(db, writing->row, writing->row->at_ms - REPLY_KEPT_MS, err);
}

bool replies_keep(struct replies *replies, const struct reply_key *key, const struct reply *reply,
                  struct error *err)
{
    size_t length = 0;
    // Instead of one that is too long, that there was one: it must not be done again all the same.
    struct reply too_long = {.status = 0};
    unsigned char *sealed = seal(key, reply->body.length > REPLY_BODY_MAX ? &too_long : reply, &length);
    struct reply_row row = {.tenant = key->tenant,
                            .id = key->id,
                            .body_sha256 = key->body_sha256,
                            .at_ms = clock_unix_ms(),
                            .sealed = bytes_of(sealed, length)};
    struct writing writing = {.replies = replies, .row = &row};
    bool good = sealed != NULL ? store_transact(replies->store, write_row, &writing, err)
                               : error_set(err, ERROR_MEMORY, "no memory to keep the answer");
    free(sealed);
    if (!good) {
        replies_forget(replies, key);
        return false;
    }
    pthread_mutex_lock(&replies->lock);
    struct known_reply *known = find(replies, key->id);
    if (known != NULL)
        known->kept = true;
    pthread_mutex_unlock(&replies->lock);
    return true;
}

struct reading {
    const struct reply_key *key;
    struct reply *reply;
};

static bool take_sealed(void *reading_, struct bytes sealed)
{
    struct reading *reading = reading_;
    return unseal(reading->key, sealed, reading->reply);
}

static bool read_row(struct sqlite3 *db, void *reading_, struct error *err)
{
    struct reading *reading = reading_;
    return reply_read(db, reading->key->tenant, reading->key->id, take_sealed, reading, err);
}

bool replies_read(struct replies *replies, const struct reply_key *key, struct reply *ret_reply,
                  struct error *err)
{
    return store_read(replies->store, read_row, &(struct reading){.key = key, .reply = ret_reply}, err);
}
