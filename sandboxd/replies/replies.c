// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/replies/replies.h"

#include "base/clock.h"
#include "sandboxd/replies/known_replies.h"
#include "sandboxd/replies/sealing.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replies {
    struct store *store;
    pthread_mutex_t lock;
    struct known_replies known;
};

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
    bool ready =
        known_replies_init(&replies->known) || error_set(err, ERROR_MEMORY, "no memory for kept answers");
    if (ready && store_read(store, read_rows, replies, err))
        return replies;
    replies_close(replies);
    return NULL;
}

void replies_close(struct replies *replies)
{
    if (replies == NULL)
        return;
    known_replies_free(&replies->known);
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
        state = room && known_reply_add(known, &row) != NULL ? REPLY_NEW : REPLY_FULL;
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

struct writing {
    struct replies *replies;
    const struct reply_row *row;
};

// What was evicted is taken here, where one transaction follows the other: none deletes a row that another
// has put since. If this one fails, those rows go by their age.
static bool write_row(struct database *db, void *writing_, struct error *err)
{
    struct writing *writing = writing_;
    struct replies *replies = writing->replies;
    struct list evicted;
    pthread_mutex_lock(&replies->lock);
    known_replies_make_bytes(&replies->known, writing->row->tenant, writing->row->sealed.length);
    list_move_all(&replies->known.evicted, &evicted);
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

// That it was done, and for a run where to see what became of it.
static struct reply_row row_without_answer(struct reply_key *key, const struct reply *reply,
                                           const struct run_record *run)
{
    char of_run[64];
    snprintf(of_run, sizeof of_run, "/v1/runs/%s", run != NULL ? run->id : "");
    return *reply_seal_done(key, run != NULL ? of_run : reply->location);
}

bool replies_keep(struct replies *replies, struct reply_key *key, const struct reply *reply,
                  const struct run_record *run, struct error *err)
{
    size_t length = 0;
    bool whole = reply->status != 0 && reply->body.length <= REPLY_BODY_MAX;
    unsigned char *sealed = whole ? reply_seal(key, reply, &length) : NULL;
    // Instead of one that is too long, or that there is no memory for, that there was one: it must not be
    // done again all the same.
    struct reply_row row = sealed == NULL ? row_without_answer(key, reply, run)
                                          : (struct reply_row){.tenant = key->tenant,
                                                               .id = key->id,
                                                               .body_sha256 = key->body_sha256,
                                                               .at_ms = clock_unix_ms(),
                                                               .sealed = bytes_of(sealed, length)};
    struct writing writing = {.replies = replies, .row = &row};
    bool good = store_transact_with_run(replies->store, run, write_row, &writing, err);
    free(sealed);
    if (!good) {
        replies_lose(replies, key);
        return false;
    }
    pthread_mutex_lock(&replies->lock);
    struct known_reply *known = known_reply_find(&replies->known, key->id);
    if (known != NULL)
        known_reply_keep(&replies->known, known, row.sealed.length);
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
