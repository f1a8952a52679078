// SPDX-License-Identifier: Apache-2.0
// Idempotency: what became of requests that came with an Idempotency-Key, so that the same request again gets
// the same answer instead of being done twice. Which keys there are is known in memory; the answers are in
// the store, on the disk before they are given, and sealed with a key made of the Idempotency-Key itself, so
// that nobody who reads the store reads an output or a new API key. A run is in the store with its answer or
// not at all, and any other change with a promise of one: so a kill between the two leaves nothing that would
// be done twice. Kept for a day, or until its tenant has too many later ones. Answers wait for one thread
// that writes as many as there are in one transaction, tenants taking turns: so none waits for another's
// flood. Any thread.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/error.h"
#include "sandboxd/accounts/identity.h"
#include "sandboxd/store/reply_rows.h"
#include "sandboxd/store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    REPLY_KEPT_MS = 24 * 3600 * 1000,
    REPLIES_OF_TENANT_MAX = 10000,
    REPLIES_OF_TENANT_BYTES_MAX = 64 << 20, // of the sealed answers
    REPLIES_MAX = 100000,
    // Not answered yet: all together, all tenants, and one, so that there is room for the others.
    REPLIES_GOING_ON_MAX = 8192,
    REPLIES_OF_TENANTS_GOING_ON_MAX = REPLIES_GOING_ON_MAX / 2,
    REPLIES_OF_TENANT_GOING_ON_MAX = REPLIES_GOING_ON_MAX / 8,
    REPLIES_BYTES_MAX = 1 << 30, // likewise
    REPLY_BODY_MAX = 1 << 20,
    REPLY_SEALED_EMPTY = 364, // what an answer takes besides its body
};

struct replies;
struct replies *replies_open(struct store *store, struct error *err);
// Keeps the answers that wait, and takes no more. NULL is fine.
void replies_finish(struct replies *replies);
void replies_close(struct replies *replies); // finishes first; NULL is fine

// One request with its Idempotency-Key, by hashes.
struct reply_key {
    char tenant[TENANT_ID_SIZE];
    unsigned char id[REPLY_HASH_SIZE];   // of tenant, route and Idempotency-Key
    unsigned char seal[REPLY_HASH_SIZE]; // what the answer is sealed with
    unsigned char body_sha256[REPLY_HASH_SIZE];
    struct reply_row promise; // reply_promise's
    unsigned char promised[REPLY_SEALED_EMPTY];
};
void reply_key_make(const char *tenant, struct bytes path, struct bytes key, struct bytes body,
                    struct reply_key *ret_key);
// That the request was done, and its answer is not kept: a row for the transaction that does it, until
// replies_keep puts the answer in its place. Lives in the key.
const struct reply_row *reply_promise(struct reply_key *key);

enum reply_state {
    REPLY_NEW,     // it is this one's now, until replies_keep or replies_forget
    REPLY_RUNNING, // the first has not been answered
    REPLY_OTHER,   // the first had another body
    REPLY_KEPT,
    REPLY_LOST, // the first was done, and its answer could not be kept
    REPLY_FULL, // too many go on, of all or of its tenant; or there is no memory
};
enum reply_state replies_begin(struct replies *replies, const struct reply_key *key);
// It was not done: the next one is the first. A kept answer stays, since the request that it is of was done:
// then it is a repeated one that was refused.
void replies_forget(struct replies *replies, const struct reply_key *key);
// It was done, and its answer cannot be kept: it is not done again as long as this process lives.
void replies_lose(struct replies *replies, const struct reply_key *key);

struct reply {
    unsigned status; // 0: it was done, and nothing of the answer is kept: the body was longer than
                     // REPLY_BODY_MAX, or there was no memory for it, or the process was killed before it
                     // had one
    char content_type[64];
    char location[256]; // "": none; with status 0, where to see what became of it
    struct buffer body;
};
// An answer on its way into the store: in memory of its caller's, who has it back when it is told.
struct keeping {
    struct reply_key *key;
    struct reply reply;
    const struct run_record *run; // of which it is the answer; NULL: none
    // On a thread that others wait for. With an error it is lost, as replies_lose does; else it is on the
    // disk.
    void (*tell)(struct keeping *keeping, const struct error *err);
};
// Keeps the answer of a request that REPLY_NEW was told, and its run: both or neither. Does not wait. False
// after replies_finish: then nothing was taken over.
bool replies_keep(struct replies *replies, struct keeping *keeping);
// The kept answer; the caller frees its body. Waits for the store.
bool replies_read(struct replies *replies, const struct reply_key *key, struct reply *ret_reply,
                  struct error *err);
