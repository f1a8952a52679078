// SPDX-License-Identifier: Apache-2.0
// Idempotency: what became of requests that came with an Idempotency-Key, so that the same request again gets
// the same answer instead of being done twice. Which keys there are is known in memory; the answers are in
// the store, on the disk before they are given, and sealed with a key made of the Idempotency-Key itself, so
// that nobody who reads the store reads an output or a new API key. Kept for a day, or until its tenant has
// REPLIES_OF_TENANT_MAX later ones. Any thread.
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
    REPLIES_MAX = 100000,
    REPLY_BODY_MAX = 1 << 20
};

struct replies;
struct replies *replies_open(struct store *store, struct error *err);
void replies_close(struct replies *replies); // NULL is fine

// One request with its Idempotency-Key, by hashes.
struct reply_key {
    char tenant[TENANT_ID_SIZE];
    unsigned char id[REPLY_HASH_SIZE];   // of tenant, route and Idempotency-Key
    unsigned char seal[REPLY_HASH_SIZE]; // what the answer is sealed with
    unsigned char body_sha256[REPLY_HASH_SIZE];
};
void reply_key_make(const char *tenant, struct bytes path, struct bytes key, struct bytes body,
                    struct reply_key *ret_key);

enum reply_state {
    REPLY_NEW,     // it is this one's now, until replies_keep or replies_forget
    REPLY_RUNNING, // the first has not been answered
    REPLY_OTHER,   // the first had another body
    REPLY_KEPT,
    REPLY_FULL, // too many go on
};
enum reply_state replies_begin(struct replies *replies, const struct reply_key *key);
// It was not done: the next one is the first. A kept answer stays, since the request that it is of was done:
// then it is a repeated one that was refused.
void replies_forget(struct replies *replies, const struct reply_key *key);

struct reply {
    unsigned status; // 0: the body was longer than REPLY_BODY_MAX, and nothing of the answer is kept
    char content_type[64];
    char location[256]; // "": none
    struct buffer body;
};
// Keeps the answer of a request that REPLY_NEW was told. Waits for the disk. False: it is forgotten.
bool replies_keep(struct replies *replies, const struct reply_key *key, const struct reply *reply,
                  struct error *err);
// The kept answer; the caller frees its body. Waits for the store.
bool replies_read(struct replies *replies, const struct reply_key *key, struct reply *ret_reply,
                  struct error *err);
