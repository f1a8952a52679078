// SPDX-License-Identifier: Apache-2.0
// Who asks: what a request carries from the moment its key is known. Plain data; any thread.
#pragma once

#include <stdbool.h>
#include <string.h>

enum role {
    ROLE_NONE, // nobody was asked for: the route is open
    ROLE_TENANT,
    ROLE_ADMIN, // with auth off, everybody
};

enum { TENANT_ID_SIZE = 64, KEY_ID_SIZE = 13 };

struct identity {
    enum role role;
    char key_id[KEY_ID_SIZE];    // "" with auth off
    char tenant[TENANT_ID_SIZE]; // "" for an admin
};

static inline const char *role_name(enum role role)
{
    return role == ROLE_ADMIN ? "admin" : role == ROLE_TENANT ? "tenant" : "none";
}

// Whether things of `tenant` may be seen and changed: an admin's right, and that tenant's.
static inline bool identity_may(const struct identity *identity, const char *tenant)
{
    return identity->role == ROLE_ADMIN ||
           (identity->role == ROLE_TENANT && strcmp(identity->tenant, tenant) == 0);
}

// For the audit log: the key's id.
static inline const char *identity_actor(const struct identity *identity)
{
    return identity->key_id[0] != '\0' ? identity->key_id : "anonymous";
}
