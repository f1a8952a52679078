// SPDX-License-Identifier: Apache-2.0
// A kept answer as the store has it: encrypted and authenticated with a key that is made of the
// Idempotency-Key, so that nobody who reads the store reads an output or a new API key. Only for
// sandboxd/replies/.
#pragma once

#include "sandboxd/replies/replies.h"

// A nonce, then the sealed header and body. NULL: no memory; else the caller frees it.
unsigned char *reply_seal(const struct reply_key *key, const struct reply *reply, size_t *ret_length);
// That the request was done, where to see what became of it (`location`, or ""), and nothing of its answer:
// takes no memory. Lives in the key.
const struct reply_row *reply_seal_done(struct reply_key *key, const char *location);
// False: it was sealed with another key, or is broken. The caller frees the body.
bool reply_unseal(const struct reply_key *key, struct bytes sealed, struct reply *ret_reply);
