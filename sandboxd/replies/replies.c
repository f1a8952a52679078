// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/replies/replies.h"

#include "base/clock.h"
#include "sandboxd/replies/replies_state.h"
#include "sandboxd/replies/sealing.h"

#include <stdlib.h>
#include <string.h>

static bool take_row(void *replies_, const struct reply_row *row)
{
    struct known_replies *known = &((struct replies *)replies_)->known;
    // A store of a server that kept more.
    known_replies_make_room(known, row->tenant, row->at_ms);
    known_replies_make_bytes(known, row->tenant, row->sealed.length);
    struct known_reply *reply = known_reply_add(known, row);
    if (reply != NULL)
        known_reply_keep(known, reply, row->sealed.length);
    return reply != NULL;
}

static bool read_rows(struct database *db, void *replies, struct error *err)
{
    return replies_list(db, clock_unix_ms() - REPLY_KEPT_MS, take_row, replies, err);
}

struct replies *replies_open(struct store *store, struct error *err)
{
    struct replies *replies = calloc(1, sizeof *replies);
    if (replies == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for kept answers");
        return NULL;
    }
    replies->store = store;
    pthread_mutex_init(&replies->lock, NULL);
    pthread_cond_init(&replies->wake, NULL);
    bool ready =
        known_replies_init(&replies->known) || error_set(err, ERROR_MEMORY, "no memory for kept answers");
    if (ready && store_read(store, read_rows, replies, err) && keeper_start(replies, err))
        return replies;
    replies_close(replies);
    return NULL;
}

void replies_close(struct replies *replies)
{
    if (replies == NULL)
        return;
    replies_finish(replies);
    known_replies_free(&replies->known);
    pthread_cond_destroy(&replies->wake);
    pthread_mutex_destroy(&replies->lock);
    free(replies);
}

enum reply_state replies_begin(struct replies *replies, const struct reply_key *key)
{
    int64_t now_ms = clock_unix_ms();
    enum reply_state state;
    const struct reply_row row = {
        .tenant = key->tenant, .id = key->id, .body_sha256 = key->body_sha256, .at_ms = now_ms};
    pthread_mutex_lock(&replies->lock);
    struct known_replies *known = &replies->known;
    const struct known_reply *reply = known_reply_find(known, key->id);
    bool room = true;
    if (reply == NULL || reply->at_ms <= now_ms - REPLY_KEPT_MS) {
        room =
            known_replies_make_room(known, key->tenant, now_ms); // only then: a repeat costs nobody's place
        reply = known_reply_find(known, key->id);
    }
    if (reply == NULL)
        state = room && known_replies_may_begin(known, key->tenant) && known_reply_add(known, &row) != NULL
                    ? REPLY_NEW
                    : REPLY_FULL;
    else if (memcmp(reply->body_sha256, key->body_sha256, REPLY_HASH_SIZE) != 0)
        state = REPLY_OTHER;
    else
        state = reply->lost ? REPLY_LOST : reply->kept ? REPLY_KEPT : REPLY_RUNNING;
    pthread_mutex_unlock(&replies->lock);
    return state;
}

void replies_forget(struct replies *replies, const struct reply_key *key)
{
    pthread_mutex_lock(&replies->lock);
    struct known_reply *reply = known_reply_find(&replies->known, key->id);
    if (reply != NULL && !reply->kept)
        known_reply_drop(&replies->known, reply);
    pthread_mutex_unlock(&replies->lock);
}

void replies_lose(struct replies *replies, const struct reply_key *key)
{
    pthread_mutex_lock(&replies->lock);
    struct known_reply *reply = known_reply_find(&replies->known, key->id);
    if (reply != NULL && !reply->kept) {
        known_reply_keep(&replies->known, reply, 0);
        reply->lost = true;
    }
    pthread_mutex_unlock(&replies->lock);
}

struct reading {
    const struct reply_key *key;
    struct reply *reply;
};

static bool take_sealed(void *reading_, struct bytes sealed)
{
    struct reading *reading = reading_;
    return reply_unseal(reading->key, sealed, reading->reply);
}

static bool read_row(struct database *db, void *reading_, struct error *err)
{
    struct reading *reading = reading_;
    return reply_read(db, reading->key->tenant, reading->key->id, take_sealed, reading, err);
}

bool replies_read(struct replies *replies, const struct reply_key *key, struct reply *ret_reply,
                  struct error *err)
{
    return store_read(replies->store, read_row, &(struct reading){.key = key, .reply = ret_reply}, err);
}
