// SPDX-License-Identifier: Apache-2.0
// What was counted of limits, in the store. On a connection of store_transact or store_read.
#pragma once

#include "sandboxd/store/database.h"

#include <stdbool.h>
#include <stdint.h>

struct limit_row {
    const char *tenant; // "": everybody
    const char *scope;
    const char *id; // a key's; "" for the others
    const char *unit;
    int64_t window_ms; // when its window began
    int64_t mark;
};

bool limit_put(sqlite3 *db, const struct limit_row *row, struct error *err);
bool limits_read(sqlite3 *db, bool (*take)(void *context, const struct limit_row *row), void *context,
                 struct error *err);
// Those whose window began before.
// Those of a key; with key "" those of a tenant and all its keys.
bool limits_drop_of(sqlite3 *db, const char *tenant, const char *key, struct error *err);
bool limits_drop_before(sqlite3 *db, int64_t window_ms, struct error *err);
