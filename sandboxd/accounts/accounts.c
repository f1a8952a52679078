// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/accounts.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "sandboxd/accounts/accounts_state.h"
#include "sandboxd/store/plan_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_plan(void *accounts_, const struct plan_row *row)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct plan *plan = plan_read(row->name, row->document, &faults);
    diagnostics_free(&faults);
    autofree struct known_plan *spare = calloc(1, sizeof *spare);
    if (plan != NULL && spare != NULL) {
        memory_put_plan(accounts_, plan, &spare);
        return true;
    }
    plan_unref(plan);
    return false;
}

static bool take_tenant_row(void *accounts_, const struct tenant_row *row)
{
    autofree struct known_tenant *spare = calloc(1, sizeof *spare);
    return spare != NULL && memory_put_tenant(accounts_, row, &spare);
}

static bool take_key(void *accounts_, const struct key_row *row)
{
    autofree struct known_key *spare = calloc(1, sizeof *spare);
    return spare != NULL && memory_put_key(accounts_, row, &spare);
}

static bool read_all(struct database *db, void *accounts, struct error *err)
{
    return plans_read(db, take_plan, accounts, err) &&
           tenants_read(db, "", 0, take_tenant_row, accounts, err) &&
           keys_read(db, NULL, take_key, accounts, err);
}

static bool put_stock_plans(struct database *db, void *accounts, struct error *err)
{
    (void)accounts;
    for (const struct stock_plan *stock = stock_plans; stock->name != NULL; stock++) {
        struct plan_row row = {
            .name = stock->name, .document = bytes_of_text(stock->document), .changed_ms = clock_unix_ms()};
        if (!plan_put(db, &row, err))
            return false;
    }
    return true;
}

struct accounts *accounts_open(struct store *store, struct error *err)
{
    struct accounts *accounts = calloc(1, sizeof *accounts);
    if (accounts == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the accounts");
        return NULL;
    }
    accounts->store = store;
    list_init(&accounts->denials);
    pthread_mutex_init(&accounts->change_lock, NULL);
    pthread_rwlock_init(&accounts->lock, NULL);
    bool good = memory_init(accounts, err) && store_read(store, read_all, accounts, err);
    if (good && gauge_read(&accounts->plans.count) == 0)
        good = store_transact(store, put_stock_plans, accounts, err) &&
               store_read(store, read_all, accounts, err);
    if (good)
        return accounts;
    error_prefix(err, "reading the accounts");
    accounts_close(accounts);
    return NULL;
}

void accounts_close(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    struct denial *denial;
    list_each(denial, &accounts->denials, link) free(denial);
    memory_free(accounts);
    pthread_rwlock_destroy(&accounts->lock);
    pthread_mutex_destroy(&accounts->change_lock);
    free(accounts);
}

// With the lock held; NULL: there is none.
static struct known_key *known_key_find(struct accounts *accounts, const char *id)
{
    struct id_entry *entry = id_map_find(&accounts->keys, id);
    return entry != NULL ? list_item(entry, struct known_key, entry) : NULL;
}

// With the lock held.
static enum key_verdict judge(struct known_key *key, int64_t now_ms, struct identity *ret_identity,
                              char ret_suspended[SUSPENSION_SIZE])
{
    if (key->revoked)
        return KEY_UNKNOWN;
    if (key->expires_ms != 0 && key->expires_ms <= now_ms)
        return KEY_EXPIRED;
    if (atomic_load_explicit(&key->used_ms, memory_order_relaxed) < now_ms) {
        atomic_store_explicit(&key->used_ms, now_ms, memory_order_relaxed);
        atomic_store_explicit(&key->use_unsaved, true, memory_order_relaxed);
    }
    *ret_identity = (struct identity){.role = key->role};
    memcpy(ret_identity->key_id, key->key.id, sizeof ret_identity->key_id);
    memcpy(ret_identity->tenant, key->tenant->id, sizeof ret_identity->tenant);
    if (key->tenant->suspended[0] == '\0')
        return KEY_GOOD;
    memcpy(ret_suspended, key->tenant->suspended, SUSPENSION_SIZE);
    return KEY_SUSPENDED;
}

enum key_verdict accounts_identify(struct accounts *accounts, struct bytes text, int64_t now_ms,
                                   struct identity *ret_identity, char ret_suspended[SUSPENSION_SIZE])
{
    // What is no key at all is looked up and compared like one whose id is unknown.
    static const struct api_key_hash nobody = {{0}};
    struct api_key given = {.id = ""};
    bool formed = api_key_read(text, &given);
    enum key_verdict verdict = KEY_UNKNOWN;
    pthread_rwlock_rdlock(&accounts->lock);
    struct known_key *key = known_key_find(accounts, given.id);
    bool same = api_key_hash_equal(key != NULL ? &key->key.hash : &nobody, &given.hash);
    if (formed && key != NULL && same)
        verdict = judge(key, now_ms, ret_identity, ret_suspended);
    pthread_rwlock_unlock(&accounts->lock);
    return verdict;
}

enum key_verdict accounts_stand_in(struct accounts *accounts, const char *id,
                                   char ret_suspended[SUSPENSION_SIZE])
{
    enum key_verdict verdict = KEY_UNKNOWN;
    pthread_rwlock_rdlock(&accounts->lock);
    const struct known_tenant *tenant = id[0] != '\0' ? memory_tenant(accounts, id) : NULL;
    if (tenant != NULL && tenant->suspended[0] == '\0')
        verdict = KEY_GOOD;
    else if (tenant != NULL) {
        verdict = KEY_SUSPENDED;
        memcpy(ret_suspended, tenant->suspended, SUSPENSION_SIZE);
    }
    pthread_rwlock_unlock(&accounts->lock);
    return verdict;
}

struct plan *accounts_plan(struct accounts *accounts, const char *id)
{
    pthread_rwlock_rdlock(&accounts->lock);
    struct known_tenant *tenant = id[0] != '\0' ? memory_tenant(accounts, id) : NULL;
    struct plan *plan = tenant != NULL ? plan_ref(tenant->plan) : NULL;
    pthread_rwlock_unlock(&accounts->lock);
    return plan;
}

bool accounts_policy_in_plan(struct accounts *accounts, const char *policy, char ret_plan[PLAN_NAME_SIZE])
{
    bool found = false;
    pthread_rwlock_rdlock(&accounts->lock);
    for (size_t i = 0; i < accounts->plans.bucket_count && !found; i++) {
        for (struct id_entry *entry = accounts->plans.buckets[i]; entry != NULL && !found;
             entry = entry->next) {
            const struct plan *plan = list_item(entry, struct known_plan, entry)->plan;
            found = plan_names_policy(plan, policy);
            if (found)
                memcpy(ret_plan, plan->name, PLAN_NAME_SIZE);
        }
    }
    pthread_rwlock_unlock(&accounts->lock);
    return found;
}

bool accounts_know_tenant(struct accounts *accounts, const char *id)
{
    pthread_rwlock_rdlock(&accounts->lock);
    bool known = id[0] != '\0' && memory_tenant(accounts, id) != NULL;
    pthread_rwlock_unlock(&accounts->lock);
    return known;
}

bool accounts_have_admin(struct accounts *accounts, int64_t now_ms)
{
    bool have = false;
    pthread_rwlock_rdlock(&accounts->lock);
    struct known_key *key;
    list_each(key, &accounts->admins.keys, link) have |=
        !key->revoked && (key->expires_ms == 0 || key->expires_ms > now_ms);
    pthread_rwlock_unlock(&accounts->lock);
    return have;
}

// --- when keys were last used

int64_t accounts_key_used_ms(struct accounts *accounts, const char *id)
{
    pthread_rwlock_rdlock(&accounts->lock);
    const struct known_key *key = known_key_find(accounts, id);
    int64_t used_ms = key != NULL ? atomic_load(&key->used_ms) : 0;
    pthread_rwlock_unlock(&accounts->lock);
    return used_ms;
}

struct use {
    char tenant[TENANT_ID_SIZE];
    char id[KEY_ID_SIZE];
    int64_t at_ms;
};

struct uses {
    struct use *items;
    size_t count;
};

static bool write_uses(struct database *db, void *uses_, struct error *err)
{
    const struct uses *uses = uses_;
    for (size_t i = 0; i < uses->count; i++)
        if (!key_used(db, uses->items[i].tenant, uses->items[i].id, uses->items[i].at_ms, err))
            return false;
    return true;
}

static void take_use(struct uses *uses, struct known_key *key)
{
    if (!atomic_exchange(&key->use_unsaved, false))
        return;
    struct use *use = &uses->items[uses->count++];
    memcpy(use->tenant, key->tenant->id, sizeof use->tenant);
    memcpy(use->id, key->key.id, sizeof use->id);
    use->at_ms = atomic_load(&key->used_ms);
}

bool accounts_keep_usage(struct accounts *accounts, struct error *err)
{
    struct uses uses = {0};
    pthread_rwlock_rdlock(&accounts->lock);
    uses.items = calloc(gauge_read(&accounts->keys.count) + 1, sizeof *uses.items);
    for (size_t i = 0; uses.items != NULL && i < accounts->keys.bucket_count; i++)
        for (struct id_entry *entry = accounts->keys.buckets[i]; entry != NULL; entry = entry->next)
            take_use(&uses, list_item(entry, struct known_key, entry));
    pthread_rwlock_unlock(&accounts->lock);
    bool good = uses.items != NULL
                    ? uses.count == 0 || store_transact(accounts->store, write_uses, &uses, err)
                    : error_set(err, ERROR_MEMORY, "out of memory");
    free(uses.items);
    return good;
}
