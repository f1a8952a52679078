// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/replies/sealing.h"

#include "base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

struct header {
    unsigned status;
    char content_type[sizeof((struct reply *)0)->content_type];
    char location[sizeof((struct reply *)0)->location];
};

_Static_assert((int)REPLY_SEALED_EMPTY ==
                   (int)(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + sizeof(struct header)),
               "what a sealed answer takes besides its body");

static void seal_into(const struct reply_key *key, const struct reply *reply, unsigned char *sealed)
{
    struct header header;
    memset(&header, 0, sizeof header);
    header.status = reply->status;
    memcpy(header.content_type, reply->content_type, sizeof header.content_type);
    memcpy(header.location, reply->location, sizeof header.location);
    unsigned char *nonce = sealed, *box = sealed + crypto_secretbox_NONCEBYTES;
    unsigned char *plain = box + crypto_secretbox_MACBYTES;
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    memcpy(plain, &header, sizeof header);
    if (reply->body.length > 0)
        memcpy(plain + sizeof header, reply->body.data, reply->body.length);
    crypto_secretbox_easy(box, plain, sizeof header + reply->body.length, nonce, key->seal);
}

unsigned char *reply_seal(const struct reply_key *key, const struct reply *reply, size_t *ret_length)
{
    size_t length = REPLY_SEALED_EMPTY + reply->body.length;
    unsigned char *sealed = malloc(length);
    if (sealed == NULL)
        return NULL;
    seal_into(key, reply, sealed);
    *ret_length = length;
    return sealed;
}

const struct reply_row *reply_seal_done(struct reply_key *key, const char *location)
{
    struct reply not_kept = {.status = 0};
    snprintf(not_kept.location, sizeof not_kept.location, "%s", location);
    seal_into(key, &not_kept, key->promised);
    key->promise = (struct reply_row){.tenant = key->tenant,
                                      .id = key->id,
                                      .body_sha256 = key->body_sha256,
                                      .at_ms = clock_unix_ms(),
                                      .sealed = bytes_of(key->promised, sizeof key->promised)};
    return &key->promise;
}

const struct reply_row *reply_promise(struct reply_key *key)
{
    return reply_seal_done(key, "");
}

bool reply_unseal(const struct reply_key *key, struct bytes sealed, struct reply *ret_reply)
{
    if (sealed.length < REPLY_SEALED_EMPTY)
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
