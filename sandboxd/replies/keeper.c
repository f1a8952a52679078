// SPDX-License-Identifier: Apache-2.0
// The thread that writes answers. What came while it wrote goes together into the next transaction: so many
// answers wait for the disk once, and the more of them there are the less each costs.
#include "base/clock.h"
#include "base/require.h"
#include "sandboxd/replies/replies_state.h"
#include "sandboxd/replies/sealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Of one transaction, so that who comes next does not wait for long.
enum { BATCH_MAX = 64, BATCH_BYTES_MAX = 4 << 20 };

struct batch {
    struct replies *replies;
    unsigned count;
    struct keeping *answers[BATCH_MAX];
    struct reply_row rows[BATCH_MAX];
    unsigned char *sealed[BATCH_MAX]; // NULL: not the answer, but that there was one
};

static struct known_reply *known_of(struct replies *replies, const struct keeping *answer)
{
    struct known_reply *known = known_reply_find(&replies->known, answer->key->id);
    require(known != NULL && !known->kept); // as long as it is not kept or forgotten
    return known;
}

// With the lock held: one of each tenant, and again, up to the batch's bounds.
static void gather(struct batch *batch)
{
    struct known_replies *known = &batch->replies->known;
    struct known_reply *next;
    size_t bytes = 0;
    batch->count = 0;
    while (batch->count < BATCH_MAX && bytes < BATCH_BYTES_MAX && (next = known_reply_next(known)) != NULL) {
        known_reply_take(known, next);
        size_t length = next->answer->reply.body.length;
        bytes += length <= REPLY_BODY_MAX ? length : 0;
        batch->answers[batch->count++] = next->answer;
    }
}

// That it was done, and for a run where to see what became of it.
static struct reply_row row_without_answer(const struct keeping *answer)
{
    const struct run_record *run = answer->run;
    char of_run[64];
    snprintf(of_run, sizeof of_run, "/v1/runs/%s", run != NULL ? run->id : "");
    return *reply_seal_done(answer->key, run != NULL ? of_run : answer->reply.location);
}

static void seal(struct batch *batch, unsigned i)
{
    const struct keeping *answer = batch->answers[i];
    const struct reply *reply = &answer->reply;
    const struct reply_key *key = answer->key;
    size_t length = 0;
    bool whole = reply->status != 0 && reply->body.length <= REPLY_BODY_MAX;
    batch->sealed[i] = whole ? reply_seal(key, reply, &length) : NULL;
    // Instead of one that is too long, or that there is no memory for, that there was one: it must not be
    // done again all the same.
    batch->rows[i] = batch->sealed[i] == NULL
                         ? row_without_answer(answer)
                         : (struct reply_row){.tenant = key->tenant,
                                              .id = key->id,
                                              .body_sha256 = key->body_sha256,
                                              .at_ms = clock_unix_ms(),
                                              .sealed = bytes_of((const char *)batch->sealed[i], length)};
}

// A part of a batch that goes in one transaction.
struct part {
    struct batch *batch;
    unsigned first, count;
};

// With the lock held. What is about to be written counts already, though it is not kept yet.
static void make_bytes(struct part *part)
{
    const struct reply_row *rows = &part->batch->rows[part->first];
    for (unsigned i = 0; i < part->count; i++) {
        size_t bytes = 0;
        for (unsigned j = 0; j <= i; j++)
            if (strcmp(rows[j].tenant, rows[i].tenant) == 0)
                bytes += rows[j].sealed.length;
        known_replies_make_bytes(&part->batch->replies->known, rows[i].tenant, bytes);
    }
}

// What was evicted is taken here, where one transaction follows the other: none deletes a row that another
// has put since. If this one fails, those rows go by their age.
static bool write_rows(struct database *db, void *part_, struct error *err)
{
    struct part *part = part_;
    struct replies *replies = part->batch->replies;
    struct list evicted;
    pthread_mutex_lock(&replies->lock);
    make_bytes(part);
    list_move_all(&replies->known.evicted, &evicted);
    pthread_mutex_unlock(&replies->lock);
    bool good = true;
    struct known_reply *known;
    list_each(known, &evicted, link)
    {
        good = good && reply_delete(db, known->tenant, known->raw_id, err);
        free(known);
    }
    const struct reply_row *rows = &part->batch->rows[part->first];
    return good && replies_put(db, rows, part->count, rows[0].at_ms - REPLY_KEPT_MS, err);
}

static bool write_part(struct part *part, struct error *err)
{
    const struct run_record *runs[BATCH_MAX];
    size_t run_count = 0;
    for (unsigned i = part->first; i < part->first + part->count; i++)
        if (part->batch->answers[i]->run != NULL)
            runs[run_count++] = part->batch->answers[i]->run;
    return store_transact_with_runs(part->batch->replies->store, runs, run_count, write_rows, part, err);
}

static void tell(struct part *part, const struct error *err)
{
    struct replies *replies = part->batch->replies;
    for (unsigned i = part->first; i < part->first + part->count; i++) {
        struct keeping *answer = part->batch->answers[i];
        if (err != NULL) {
            replies_lose(replies, answer->key);
        } else {
            pthread_mutex_lock(&replies->lock);
            known_reply_keep(&replies->known, known_of(replies, answer), part->batch->rows[i].sealed.length);
            pthread_mutex_unlock(&replies->lock);
        }
        answer->tell(answer, err); // it may be gone then
    }
}

// One that the store refuses for what it is must not take the others along.
static void keep_part(struct part *part)
{
    struct error err = {0};
    if (write_part(part, &err)) {
        tell(part, NULL);
    } else if (part->count == 1 || err.kind != ERROR_CONFLICT) {
        tell(part, &err);
    } else {
        struct part half = {.batch = part->batch, .first = part->first, .count = part->count / 2};
        keep_part(&half);
        half = (struct part){
            .batch = part->batch, .first = part->first + half.count, .count = part->count - half.count};
        keep_part(&half);
    }
}

static void keep_batch(struct batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        seal(batch, i);
    keep_part(&(struct part){.batch = batch, .count = batch->count});
    for (unsigned i = 0; i < batch->count; i++)
        free(batch->sealed[i]);
}

static void *keep_on(void *replies_)
{
    struct replies *replies = replies_;
    struct batch batch = {.replies = replies};
    pthread_mutex_lock(&replies->lock);
    for (;;) {
        while (known_reply_next(&replies->known) == NULL && !replies->finishing)
            pthread_cond_wait(&replies->wake, &replies->lock);
        gather(&batch);
        if (batch.count == 0)
            break;
        pthread_mutex_unlock(&replies->lock);
        keep_batch(&batch);
        pthread_mutex_lock(&replies->lock);
    }
    pthread_mutex_unlock(&replies->lock);
    return NULL;
}

bool keeper_start(struct replies *replies, struct error *err)
{
    int failed = pthread_create(&replies->keeper, NULL, keep_on, replies);
    if (failed != 0)
        return error_system(err, failed, "cannot start the thread \"keeping\"");
    pthread_setname_np(replies->keeper, "keeping");
    replies->keeper_runs = true;
    return true;
}

bool replies_keep(struct replies *replies, struct keeping *answer)
{
    pthread_mutex_lock(&replies->lock);
    bool taken = !replies->finishing;
    if (taken) {
        known_reply_wait(&replies->known, known_of(replies, answer), answer);
        pthread_cond_signal(&replies->wake);
    }
    pthread_mutex_unlock(&replies->lock);
    return taken;
}

void replies_finish(struct replies *replies)
{
    if (replies == NULL || !replies->keeper_runs)
        return;
    pthread_mutex_lock(&replies->lock);
    replies->finishing = true;
    pthread_cond_signal(&replies->wake);
    pthread_mutex_unlock(&replies->lock);
    pthread_join(replies->keeper, NULL);
    replies->keeper_runs = false;
}
