// SPDX-License-Identifier: Apache-2.0
// What is kept in memory of accounts. Only for sandboxd/accounts/.
#pragma once

#include "runtime/engine/id_map.h"
#include "runtime/engine/list.h"
#include "sandboxd/accounts/accounts.h"
#include "sandboxd/store/key_rows.h"

#include <pthread.h>
#include <stdatomic.h>

struct known_tenant {
    struct id_entry entry;
    char id[TENANT_ID_SIZE];
    char name[201];
    char suspended[SUSPENSION_SIZE]; // "": it is not
    struct plan *plan;
    struct list keys;
    unsigned key_count;
};

struct known_key {
    struct id_entry entry;
    struct list link; // in its tenant's keys
    struct api_key key;
    enum role role;
    int64_t expires_ms;
    struct known_tenant *tenant; // of an admin's key: `accounts->admins`
    _Atomic int64_t used_ms;
    _Atomic bool use_unsaved;
    bool revoked; // and still in the store
};

struct known_plan {
    struct id_entry entry;
    struct plan *plan;
};

struct accounts {
    struct store *store;
    pthread_mutex_t change_lock; // one change at a time: held over the store and the memory
    struct list denials;         // under it: struct denial
    pthread_rwlock_t lock;       // short: for what follows
    struct id_map keys, tenants, plans;
    struct known_tenant admins; // in no map: the owner of the admins' keys
};

// memory.c: with `lock` held for writing, or before anybody else knows of it. What is put takes its place
// from `spare`, a zeroed block of the caller's, and leaves NULL there: so there is nothing that can fail once
// the store is changed. False: its tenant, or its plan, is not known.
bool memory_init(struct accounts *accounts, struct error *err);
void memory_free(struct accounts *accounts);
struct known_tenant *memory_tenant(struct accounts *accounts, const char *id); // "": the admins
struct plan *memory_plan(struct accounts *accounts, const char *name);         // borrowed; NULL: none
bool memory_put_key(struct accounts *accounts, const struct key_row *row, struct known_key **spare);
void memory_drop_key(struct accounts *accounts, const char *id);
// Of a tenant that is known, `spare` may be NULL.
bool memory_put_tenant(struct accounts *accounts, const struct tenant_row *row, struct known_tenant **spare);
void memory_drop_tenant(struct accounts *accounts, const char *id);
// Takes `plan` over, and gives it to the tenants of the one it replaces.
void memory_put_plan(struct accounts *accounts, struct plan *plan, struct known_plan **spare);

bool memory_revoke_key(struct accounts *accounts, const char *tenant, const char *id);

// denials.c: with change_lock held. What is in force, and the store does not know: a key that is revoked, or
// with key "" a tenant that is suspended; and who did it.
struct denial {
    struct list link;
    char tenant[TENANT_ID_SIZE];
    char key[KEY_ID_SIZE];
    char actor[64], remote[64], request_id[160]; // "": none
};
// NULL: no memory. Not in the list yet; it is freed with free().
struct denial *denial_new(const char *tenant, const char *key, const struct account_author *author);
// Takes it over. The first to deny the same is who did.
void denials_add(struct accounts *accounts, struct denial *denial);
// The store knows now; with key NULL of the tenant and all its keys.
void denials_drop(struct accounts *accounts, const char *tenant, const char *key);
struct account_author denial_author(const struct denial *denial);

// audit.c: in the change's transaction.
bool audit_account(struct database *db, const struct account_author *author, const char *action,
                   const char *target, const char *detail_name, const char *detail_value, struct error *err);
