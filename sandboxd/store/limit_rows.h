// SPDX-License-Identifier: Apache-2.0
// What was counted of limits, in the store. On a connection of store_transact or store_read.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct database;

struct limit_row {
    const char *tenant; // "": everybody
    const char *scope;
    const char *id; // a key's; "" for the others
    const char *unit;
    int64_t window_ms; // when its window began
    int64_t mark;
};

bool limit_put(struct database *db, const struct limit_row *row, struct error *err);
bool limits_read(struct database *db, bool (*take)(void *context, const struct limit_row *row), void *context,
                 struct error *err);
// Those whose window began before.
// Those of a key; with key "" those of a tenant and all its keys.
bool limits_drop_of(struct database *db, const char *tenant, const char *key, struct error *err);
bool limits_drop_before(struct database *db, int64_t window_ms, struct error *err);
