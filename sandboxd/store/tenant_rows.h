// SPDX-License-Identifier: Apache-2.0
// Tenants, and which plan each subscribed to when. On a connection of store_transact or store_read.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct database;

struct tenant_row {
    const char *id;
    const char *name;
    const char *suspended; // why; NULL: it is not
    const char *plan;
    int64_t created_ms;
    int64_t changed_ms;
    int64_t plan_since_ms;
};

typedef bool take_tenant(void *context, const struct tenant_row *row);

// ERROR_CONFLICT if there is or was one of this id. Its subscription to `plan` begins.
bool tenant_add(struct database *db, const struct tenant_row *row, struct error *err);
// Name and suspension. ERROR_NOT_FOUND if there is none.
bool tenant_change(struct database *db, const struct tenant_row *row, struct error *err);
// Marks it deleted, ends its subscription and drops its keys.
bool tenant_delete(struct database *db, const char *id, int64_t at_ms, struct error *err);
// Ends the current subscription and begins one to `plan`, unless that is the current one.
bool subscription_change(struct database *db, const char *tenant, const char *plan, int64_t at_ms,
                         struct error *err);

// Tenants that are not deleted, ordered by id, those after `after` ("" for the first); 0: no bound.
bool tenants_read(struct database *db, const char *after, unsigned limit, take_tenant *take, void *context,
                  struct error *err);
// ERROR_NOT_FOUND if there is none.
bool tenant_read(struct database *db, const char *id, take_tenant *take, void *context, struct error *err);

struct subscription_row {
    const char *id;
    const char *plan;
    int64_t started_ms;
    int64_t ended_ms; // 0: current
};
// The newest first.
bool subscriptions_read(struct database *db, const char *tenant, unsigned limit,
                        bool (*take)(void *context, const struct subscription_row *row), void *context,
                        struct error *err);
