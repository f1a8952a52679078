// SPDX-License-Identifier: Apache-2.0
// Which Idempotency-Keys are known, and how much their answers take in the store: the copy in memory. A
// tenant that has too much loses its own oldest; when there is too much in all, the tenant that has most
// does. Those whose answers wait to be written are here too, so that tenants take turns. Only for
// sandboxd/replies/, under the lock of its replies.
#pragma once

#include "runtime/engine/id_map.h"
#include "runtime/engine/list.h"
#include "sandboxd/replies/replies.h"

struct known_reply {
    struct id_entry entry;
    struct list link;          // in `ages`, the oldest first; or in `evicted`
    struct list own_link;      // in its owner's
    struct reply_owner *owner; // NULL when evicted
    struct list wait_link;     // in its owner's answers that wait to be written
    struct keeping *answer;    // what waits
    char tenant[TENANT_ID_SIZE];
    unsigned char raw_id[REPLY_HASH_SIZE];
    char id[2 * REPLY_HASH_SIZE + 1];
    unsigned char body_sha256[REPLY_HASH_SIZE];
    int64_t at_ms;
    uint64_t bytes; // of the sealed answer; 0 while it is being answered
    bool kept;      // or lost
    bool lost;      // it was done, and the store could not be told
};

struct known_replies {
    struct id_map map, owners;
    struct list ages;
    struct list evicted; // known no more, and their rows are still to be deleted
    uint64_t bytes;
    struct list turns;             // owners of which answers wait, the next one first
    unsigned going_on, of_tenants; // not answered yet: of all; of those, tenants'
};

bool known_replies_init(struct known_replies *known);
void known_replies_free(struct known_replies *known);
struct known_reply *known_reply_find(struct known_replies *known, const unsigned char id[REPLY_HASH_SIZE]);
// Whether another one of the tenant may go on: its share is not used up.
bool known_replies_may_begin(const struct known_replies *known, const char *tenant);
// One that is being answered. NULL: no memory.
struct known_reply *known_reply_add(struct known_replies *known, const struct reply_row *row);
// It is answered, and takes so much.
void known_reply_keep(struct known_replies *known, struct known_reply *reply, uint64_t bytes);
// Its answer waits to be written, after those of its tenant that do already.
void known_reply_wait(struct known_replies *known, struct known_reply *reply, struct keeping *answer);
// The next that waits, of the tenant whose turn it is; NULL: none.
struct known_reply *known_reply_next(const struct known_replies *known);
// It waits no longer, and the others have their turn first.
void known_reply_take(struct known_replies *known, struct known_reply *reply);
void known_reply_drop(struct known_replies *known, struct known_reply *reply);
// For one more of the tenant: those whose time is up go, and then as many as need to. False: there are too
// many that are being answered, and these do not go.
bool known_replies_make_room(struct known_replies *known, const char *tenant, int64_t now_ms);
// For so many bytes more of the tenant.
void known_replies_make_bytes(struct known_replies *known, const char *tenant, uint64_t bytes);
