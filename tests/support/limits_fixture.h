// SPDX-License-Identifier: Apache-2.0
// Limits on a scratch store, and wishes to hold up to them.
#pragma once

#include "sandboxd/limits/limits.h"
#include "tests/support/store_fixture.h"

static inline struct limit_wish wish_of(const char *key, const char *tenant, unsigned units)
{
    struct limit_wish wish = {.key = key, .tenant = tenant, .units = units};
    for (unsigned scope = 0; scope < LIMIT_SCOPE_COUNT; scope++)
        for (unsigned unit = 0; unit < QUOTA_UNIT_COUNT; unit++)
            wish.quotas[scope].maximum[unit] = QUOTA_NONE;
    return wish;
}

static inline struct limits *open_limits(struct store_fixture *fixture)
{
    struct error err = {0};
    struct limits *limits = limits_open(fixture->store, NULL, &err);
    if (limits == NULL)
        fail_msg("%s", err.text);
    return limits;
}

static inline unsigned take_many(struct limits *limits, const struct limit_wish *wish, unsigned times)
{
    unsigned taken = 0;
    struct limit_state state;
    for (unsigned i = 0; i < times; i++)
        taken += limits_take(limits, wish, &state, NULL);
    return taken;
}
