// SPDX-License-Identifier: Apache-2.0
// Changes of accounts: the store first, in one transaction with its line of the audit log, then the memory.
// What denies is in memory first, and remembered where the store does not take it (denials.c).
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/require.h"
#include "sandboxd/accounts/accounts_state.h"
#include "sandboxd/store/plan_rows.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A change under way: what the store is to do.
struct change {
    struct accounts *accounts;
    const struct account_author *author;
    const struct key_row *key;
    const struct tenant_row *tenant;
    const struct tenant_change *tenant_change;
    const struct plan_row *plan;
};

static bool transact(struct change *change, store_work *work, struct error *err)
{
    return store_transact(change->accounts->store, work, change, err);
}

// The place that a change will take in memory, had before the store is changed: what the store has and the
// memory has not would be there and yet not there until a restart.
static bool place_for(const void *spare, struct error *err)
{
    return spare != NULL || error_set(err, ERROR_MEMORY, "the server has no memory for it");
}

static void begin(struct accounts *accounts)
{
    pthread_mutex_lock(&accounts->change_lock);
}

static void end(struct accounts *accounts)
{
    pthread_mutex_unlock(&accounts->change_lock);
}

// --- keys

static bool add_key(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    return key_add(db, change->key, err) && audit_account(db, change->author, "key.create", change->key->id,
                                                          "tenant", change->key->tenant, err);
}

static bool check_room(struct accounts *accounts, const char *tenant_id, struct error *err)
{
    pthread_rwlock_rdlock(&accounts->lock);
    struct known_tenant *tenant = memory_tenant(accounts, tenant_id);
    bool known = tenant != NULL, room = known && tenant->key_count < KEYS_MAX;
    pthread_rwlock_unlock(&accounts->lock);
    if (!known)
        return error_set(err, ERROR_NOT_FOUND, "there is no tenant \"%s\"", tenant_id);
    return room || error_set(err, ERROR_LIMIT, "there are %d keys already; revoke one first", KEYS_MAX);
}

bool accounts_add_key(struct accounts *accounts, const struct key_wish *wish,
                      const struct account_author *author, const struct api_key *key, struct error *err)
{
    struct key_row row = {.tenant = wish->tenant,
                          .id = key->id,
                          .role = wish->tenant[0] != '\0' ? "tenant" : "admin",
                          .name = wish->name,
                          .secret_sha256 = key->hash.bytes,
                          .created_ms = clock_unix_ms(),
                          .expires_ms = wish->expires_ms};
    struct change change = {.accounts = accounts, .author = author, .key = &row};
    autofree struct known_key *spare = calloc(1, sizeof *spare);
    begin(accounts);
    bool good =
        place_for(spare, err) && check_room(accounts, wish->tenant, err) && transact(&change, add_key, err);
    if (good) {
        pthread_rwlock_wrlock(&accounts->lock);
        require(memory_put_key(accounts, &row, &spare));
        pthread_rwlock_unlock(&accounts->lock);
    }
    end(accounts);
    return good;
}

bool accounts_make_key(struct accounts *accounts, const struct key_wish *wish,
                       const struct account_author *author, struct api_key *ret_key,
                       char ret_text[API_KEY_SIZE], struct error *err)
{
    struct api_key key;
    char text[API_KEY_SIZE];
    api_key_make(&key, text);
    bool good = accounts_add_key(accounts, wish, author, &key, err);
    if (good) {
        *ret_key = key;
        memcpy(ret_text, text, sizeof text);
    }
    sodium_memzero(text, sizeof text);
    return good;
}

static bool drop_key(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    return key_drop(db, change->key->tenant, change->key->id, err) &&
           audit_account(db, change->author, "key.revoke", change->key->id, "tenant", change->key->tenant,
                         err);
}

static bool store_revocation(struct accounts *accounts, const char *tenant, const char *id,
                             const struct account_author *author, struct error *err)
{
    struct key_row row = {.tenant = tenant, .id = id};
    struct change change = {.accounts = accounts, .author = author, .key = &row};
    if (!transact(&change, drop_key, err))
        return false;
    pthread_rwlock_wrlock(&accounts->lock);
    memory_drop_key(accounts, id);
    pthread_rwlock_unlock(&accounts->lock);
    return true;
}

// What was denied in memory is either in the store now, or remembered: then `stored` is false.
static void note_denial(struct accounts *accounts, struct denial *denial, bool stored)
{
    if (!stored) {
        denials_add(accounts, denial);
        return;
    }
    denials_drop(accounts, denial->tenant, denial->key);
    free(denial);
}

bool accounts_revoke_key(struct accounts *accounts, const char *tenant, const char *id,
                         const struct account_author *author, bool *ret_stored, struct error *err)
{
    struct denial *denial = denial_new(tenant, id, author);
    if (denial == NULL)
        return error_set(err, ERROR_MEMORY, "no memory to revoke a key");
    begin(accounts);
    pthread_rwlock_wrlock(&accounts->lock);
    bool known = memory_revoke_key(accounts, tenant, id);
    pthread_rwlock_unlock(&accounts->lock);
    if (known) {
        *ret_stored = store_revocation(accounts, tenant, id, author, err);
        note_denial(accounts, denial, *ret_stored);
    } else {
        free(denial);
    }
    end(accounts);
    return known || error_set(err, ERROR_NOT_FOUND, "there is no key of this id");
}

// --- tenants

static bool plan_known(struct accounts *accounts, const char *name, struct error *err)
{
    pthread_rwlock_rdlock(&accounts->lock);
    bool known = memory_plan(accounts, name) != NULL;
    pthread_rwlock_unlock(&accounts->lock);
    return known || error_set(err, ERROR_INVALID, "there is no plan \"%s\"; GET /v1/plans lists them", name);
}

static void keep_tenant(struct accounts *accounts, const struct tenant_row *row, struct known_tenant **spare)
{
    pthread_rwlock_wrlock(&accounts->lock);
    require(memory_put_tenant(accounts, row, spare)); // its plan is known, and no other change goes on
    pthread_rwlock_unlock(&accounts->lock);
}

static bool add_tenant(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    return tenant_add(db, change->tenant, err) &&
           audit_account(db, change->author, "tenant.create", change->tenant->id, "plan",
                         change->tenant->plan, err);
}

bool accounts_add_tenant(struct accounts *accounts, const struct tenant_row *row,
                         const struct account_author *author, struct error *err)
{
    struct change change = {.accounts = accounts, .author = author, .tenant = row};
    autofree struct known_tenant *spare = calloc(1, sizeof *spare);
    begin(accounts);
    bool good =
        place_for(spare, err) && plan_known(accounts, row->plan, err) && transact(&change, add_tenant, err);
    if (good)
        keep_tenant(accounts, row, &spare);
    end(accounts);
    return good;
}

// A tenant as it will be. With change_lock held nobody else changes it, so the memory tells what it is.
struct tenant_copy {
    char name[sizeof((struct known_tenant *)0)->name];
    char suspended[SUSPENSION_SIZE];
    char plan[PLAN_NAME_SIZE];
};

static bool merge(struct accounts *accounts, const char *id, const struct tenant_change *change,
                  struct tenant_copy *ret_copy, struct error *err)
{
    pthread_rwlock_rdlock(&accounts->lock);
    const struct known_tenant *tenant = id[0] != '\0' ? memory_tenant(accounts, id) : NULL;
    if (tenant != NULL) {
        snprintf(ret_copy->name, sizeof ret_copy->name, "%s", change->name ? change->name : tenant->name);
        snprintf(ret_copy->suspended, sizeof ret_copy->suspended, "%s",
                 change->suspended ? change->suspended : tenant->suspended);
        snprintf(ret_copy->plan, sizeof ret_copy->plan, "%s",
                 change->plan ? change->plan : tenant->plan->name);
    }
    pthread_rwlock_unlock(&accounts->lock);
    return tenant != NULL || error_set(err, ERROR_NOT_FOUND, "there is no tenant \"%s\"", id);
}

static bool change_tenant(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    const struct tenant_row *row = change->tenant;
    bool subscribes = change->tenant_change->plan != NULL;
    return tenant_change(db, row, err) && subscription_change(db, row->id, row->plan, row->changed_ms, err) &&
           (subscribes
                ? audit_account(db, change->author, "tenant.subscribe", row->id, "plan", row->plan, err)
                : audit_account(db, change->author, "tenant.update", row->id, "suspended",
                                row->suspended != NULL ? row->suspended : "", err));
}

// With a denial the change suspends: then it is in force first. Takes the denial over.
static bool apply_change(struct change *change, const struct tenant_copy *copy, struct denial *denial,
                         bool *ret_stored, struct error *err)
{
    struct accounts *accounts = change->accounts;
    const struct tenant_row row = {.id = change->tenant->id,
                                   .name = copy->name,
                                   .suspended = copy->suspended[0] != '\0' ? copy->suspended : NULL,
                                   .plan = copy->plan,
                                   .changed_ms = clock_unix_ms()};
    change->tenant = &row;
    if (denial != NULL)
        keep_tenant(accounts, &row, NULL);
    *ret_stored = transact(change, change_tenant, err);
    if (denial != NULL) {
        note_denial(accounts, denial, *ret_stored);
        return true;
    }
    if (*ret_stored) {
        denials_drop(accounts, row.id, "");
        keep_tenant(accounts, &row, NULL);
    }
    return *ret_stored;
}

bool accounts_change_tenant(struct accounts *accounts, const char *id, const struct tenant_change *wanted,
                            const struct account_author *author, bool *ret_stored, struct error *err)
{
    bool suspends = wanted->suspended != NULL && wanted->suspended[0] != '\0';
    struct denial *denial = suspends ? denial_new(id, "", author) : NULL;
    if (suspends && denial == NULL)
        return error_set(err, ERROR_MEMORY, "no memory to suspend a tenant");
    struct tenant_copy copy;
    const struct tenant_row row = {.id = id};
    struct change change = {.accounts = accounts, .author = author, .tenant = &row, .tenant_change = wanted};
    begin(accounts);
    bool good = merge(accounts, id, wanted, &copy, err) && plan_known(accounts, copy.plan, err);
    if (good)
        good = apply_change(&change, &copy, denial, ret_stored, err);
    else
        free(denial);
    end(accounts);
    return good;
}

static bool store_suspension(struct accounts *accounts, const char *id, const struct account_author *author,
                             struct error *err)
{
    const struct tenant_change as_it_is = {0};
    struct tenant_copy copy;
    const struct tenant_row row = {.id = id};
    struct change change = {
        .accounts = accounts, .author = author, .tenant = &row, .tenant_change = &as_it_is};
    bool stored;
    return merge(accounts, id, &as_it_is, &copy, err) && apply_change(&change, &copy, NULL, &stored, err);
}

bool accounts_store_denials(struct accounts *accounts, unsigned *ret_stored, struct error *err)
{
    unsigned stored = 0;
    bool good = true;
    begin(accounts);
    while (good && !list_empty(&accounts->denials)) {
        struct denial *denial = list_first(&accounts->denials, struct denial, link);
        const struct account_author author = denial_author(denial);
        list_remove(&denial->link);
        good = denial->key[0] != '\0' ? store_revocation(accounts, denial->tenant, denial->key, &author, err)
                                      : store_suspension(accounts, denial->tenant, &author, err);
        if (good) {
            stored++;
            free(denial);
        } else {
            list_add_first(&accounts->denials, &denial->link);
        }
    }
    end(accounts);
    *ret_stored = stored;
    return good;
}

static bool delete_tenant(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    return tenant_delete(db, change->tenant->id, change->tenant->changed_ms, err) &&
           audit_account(db, change->author, "tenant.delete", change->tenant->id, "id", change->tenant->id,
                         err);
}

bool accounts_delete_tenant(struct accounts *accounts, const char *id, const struct account_author *author,
                            struct error *err)
{
    struct tenant_row row = {.id = id, .changed_ms = clock_unix_ms()};
    struct change change = {.accounts = accounts, .author = author, .tenant = &row};
    begin(accounts);
    bool good = transact(&change, delete_tenant, err);
    if (good) {
        pthread_rwlock_wrlock(&accounts->lock);
        memory_drop_tenant(accounts, id);
        pthread_rwlock_unlock(&accounts->lock);
        denials_drop(accounts, id, NULL);
    }
    end(accounts);
    return good;
}

// --- plans

static bool put_plan(struct database *db, void *change_, struct error *err)
{
    struct change *change = change_;
    return plan_put(db, change->plan, err) &&
           audit_account(db, change->author, "plan.put", change->plan->name, "plan", change->plan->name, err);
}

bool accounts_put_plan(struct accounts *accounts, const char *name, struct bytes document,
                       const struct account_author *author, struct diagnostics *faults, struct error *err)
{
    struct plan *plan = plan_read(name, document, faults);
    if (plan == NULL)
        return error_set(err, ERROR_INVALID, "the plan has faults");
    struct plan_row row = {.name = name, .document = document, .changed_ms = clock_unix_ms()};
    struct change change = {.accounts = accounts, .author = author, .plan = &row};
    autofree struct known_plan *spare = calloc(1, sizeof *spare);
    begin(accounts);
    bool good = place_for(spare, err) && transact(&change, put_plan, err);
    if (good) {
        pthread_rwlock_wrlock(&accounts->lock);
        memory_put_plan(accounts, plan, &spare);
        pthread_rwlock_unlock(&accounts->lock);
    }
    end(accounts);
    if (!good)
        plan_unref(plan);
    return good;
}
