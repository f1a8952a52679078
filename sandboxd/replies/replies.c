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

enum { ID_TEXT_SIZE = 2 * REPLY_HASH_SIZE + 1, BODY_MAX = 1 << 30 };

struct known_reply {
    struct id_entry entry;
    struct list link; // the oldest first
    char id[ID_TEXT_SIZE];
    unsigned char body_sha256[REPLY_HASH_SIZE];
    int64_t at_ms;
    bool kept;
};

struct replies {
    struct store *store;
    pthread_mutex_t lock;
    struct id_map map;
    struct list ages;
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

static struct known_reply *add(struct replies *replies, const unsigned char id[REPLY_HASH_SIZE],
                               const unsigned char body_sha256[REPLY_HASH_SIZE], int64_t at_ms)
{
    struct known_reply *known = calloc(1, sizeof *known);
    if (known == NULL)
        return NULL;
    id_text(id, known->id);
    memcpy(known->body_sha256, body_sha256, REPLY_HASH_SIZE);
    known->at_ms = at_ms;
    id_map_add(&replies->map, &known->entry, known->id);
    list_add_last(&replies->ages, &known->link);
    return known;
}

static void drop(struct replies *replies, struct known_reply *known)
{
    id_map_remove(&replies->map, &known->entry);
    list_remove(&known->link);
    free(known);
}

// The oldest go when their time is up, or when there are too many; not those that are being answered.
static void make_room(struct replies *replies, int64_t now_ms)
{
    struct known_reply *known;
    list_each(known, &replies->ages, link)
    {
        if (known->at_ms > now_ms - REPLY_KEPT_MS && replies->map.count < REPLIES_MAX)
            return;
        if (known->kept)
            drop(replies, known);
    }
}

static bool take_row(void *replies_, const struct reply_row *row)
{
    struct known_reply *known = add(replies_, row->id, row->body_sha256, row->at_ms);
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
    if (replies == NULL || !id_map_init(&replies->map)) {
        free(replies);
        error_set(err, ERROR_MEMORY, "no memory for kept answers");
        return NULL;
    }
    replies->store = store;
    list_init(&replies->ages);
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
    id_map_deinit(&replies->map);
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
    enum reply_state state = REPLY_NEW;
    pthread_mutex_lock(&replies->lock);
    make_room(replies, now_ms);
    const struct known_reply *known = find(replies, key->id);
    if (known == NULL)
        state = replies->map.count < REPLIES_MAX && add(replies, key->id, key->body_sha256, now_ms) != NULL
                    ? REPLY_NEW
                    : REPLY_FULL;
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
        ret_reply->body = buffer_make(BODY_MAX);
        buffer_append(&ret_reply->body, plain + sizeof header, plain_length - sizeof header);
    }
    free(plain);
    return good;
}

static bool write_row(struct sqlite3 *db, void *row_, struct error *err)
{
    const struct reply_row *row = row_;
    return reply_put(db, row, row->at_ms - REPLY_KEPT_MS, err);
}

bool replies_keep(struct replies *replies, const struct reply_key *key, const struct reply *reply,
                  struct error *err)
{
    size_t length = 0;
    unsigned char *sealed = seal(key, reply, &length);
    struct reply_row row = {.tenant = key->tenant,
                            .id = key->id,
                            .body_sha256 = key->body_sha256,
                            .at_ms = clock_unix_ms(),
                            .sealed = bytes_of(sealed, length)};
    bool good = sealed != NULL ? store_transact(replies->store, write_row, &row, err)
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
