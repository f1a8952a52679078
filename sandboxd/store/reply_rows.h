// SPDX-License-Identifier: Apache-2.0
// Answers that are kept for a second request with the same Idempotency-Key. On a connection of store_transact
// or store_read.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct database;

enum { REPLY_HASH_SIZE = 32 };

struct reply_row {
    const char *tenant;
    const unsigned char *id;          // REPLY_HASH_SIZE bytes
    const unsigned char *body_sha256; // of the request; likewise
    int64_t at_ms;
    struct bytes sealed;
};

// Replaces one of the same id.
bool reply_put(struct database *db, const struct reply_row *row, struct error *err);
// Several; drops those before `drop_before_ms` first.
bool replies_put(struct database *db, const struct reply_row *rows, size_t count, int64_t drop_before_ms,
                 struct error *err);
// There may be none of that id.
bool reply_delete(struct database *db, const char *tenant, const unsigned char *id, struct error *err);
// The sealed answer; ERROR_NOT_FOUND if there is none. Borrowed for the call.
bool reply_read(struct database *db, const char *tenant, const unsigned char *id,
                bool (*take)(void *context, struct bytes sealed), void *context, struct error *err);
// All since `since_ms`, the oldest first; of the sealed answers the length alone.
bool replies_list(struct database *db, int64_t since_ms,
                  bool (*take)(void *context, const struct reply_row *row), void *context, struct error *err);
