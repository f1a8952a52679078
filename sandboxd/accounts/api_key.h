// SPDX-License-Identifier: Apache-2.0
// API keys as texts: "sbx_<id>_<secret>", both parts random. The id is no secret: it names the key in lists,
// logs and the audit log. Of the secret only the SHA-256 is kept; with 238 random bits there is nothing to
// guess, so it needs no slow hash. Any thread.
#pragma once

#include "base/bytes.h"
#include "sandboxd/accounts/identity.h"

#include <stdbool.h>

enum {
    API_KEY_ID_LENGTH = KEY_ID_SIZE - 1,
    API_KEY_SECRET_LENGTH = 40,
    API_KEY_SIZE = 4 + API_KEY_ID_LENGTH + 1 + API_KEY_SECRET_LENGTH + 1,
    API_KEY_HASH_SIZE = 32,
};

// The secret that is kept.
struct api_key_hash {
    unsigned char bytes[API_KEY_HASH_SIZE];
};

struct api_key {
    char id[KEY_ID_SIZE];
    struct api_key_hash hash;
};

// A new key; `ret_text` is all there will ever be of its secret. The caller wipes it.
void api_key_make(struct api_key *ret_key, char ret_text[API_KEY_SIZE]);
// Takes a text apart. False if it does not have the form of a key.
bool api_key_read(struct bytes text, struct api_key *ret_key);
// In a time that does not depend on where they differ.
bool api_key_hash_equal(const struct api_key_hash *a, const struct api_key_hash *b);
// The key in an Authorization header, "Bearer sbx_...". False if there is none.
bool api_key_of_header(const char *value, struct bytes *ret_text);
