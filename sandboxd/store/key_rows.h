// SPDX-License-Identifier: Apache-2.0
// API keys in the store: what is known of each but its secret. On a connection of store_transact or
// store_read.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct database;

struct key_row {
    const char *tenant; // "" for an admin's
    const char *id;
    const char *role; // "admin", "tenant"
    const char *name;
    const unsigned char *secret_sha256; // 32 bytes
    int64_t created_ms;
    int64_t expires_ms;   // 0: never
    int64_t last_used_ms; // 0: never
};

bool key_add(struct database *db, const struct key_row *row, struct error *err);
// ERROR_NOT_FOUND if that tenant has no such key.
bool key_drop(struct database *db, const char *tenant, const char *id, struct error *err);
bool keys_drop_all(struct database *db, const char *tenant, struct error *err);
// Never takes a later time back.
bool key_used(struct database *db, const char *tenant, const char *id, int64_t at_ms, struct error *err);
// The keys of one tenant, the oldest first; of all if `tenant` is NULL. Texts are borrowed for the call.
bool keys_read(struct database *db, const char *tenant,
               bool (*take)(void *context, const struct key_row *row), void *context, struct error *err);
