// SPDX-License-Identifier: Apache-2.0
// Plans in the store, as documents. On a connection of store_transact or store_read.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct database;

struct plan_row {
    const char *name;
    struct bytes document;
    int64_t changed_ms;
};

bool plan_put(struct database *db, const struct plan_row *row, struct error *err);
// By name. Texts are borrowed for the call.
bool plans_read(struct database *db, bool (*take)(void *context, const struct plan_row *row), void *context,
                struct error *err);
