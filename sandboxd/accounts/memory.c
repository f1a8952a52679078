// SPDX-License-Identifier: Apache-2.0
// The copy of the accounts that lives in memory. Everything is of modest size: ten thousand tenants with a
// few keys each are some megabytes.
#include "base/cleanup.h"
#include "sandboxd/accounts/accounts_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool memory_init(struct accounts *accounts, struct error *err)
{
    list_init(&accounts->admins.keys);
    return (id_map_init(&accounts->keys) && id_map_init(&accounts->tenants) &&
            id_map_init(&accounts->plans)) ||
           error_set(err, ERROR_MEMORY, "no memory for the accounts");
}

static struct known_tenant *tenant_of(struct id_entry *entry)
{
    return entry != NULL ? list_item(entry, struct known_tenant, entry) : NULL;
}

struct known_tenant *memory_tenant(struct accounts *accounts, const char *id)
{
    return id[0] == '\0' ? &accounts->admins : tenant_of(id_map_find(&accounts->tenants, id));
}

static struct known_plan *plan_slot(struct accounts *accounts, const char *name)
{
    struct id_entry *entry = id_map_find(&accounts->plans, name);
    return entry != NULL ? list_item(entry, struct known_plan, entry) : NULL;
}

struct plan *memory_plan(struct accounts *accounts, const char *name)
{
    struct known_plan *slot = plan_slot(accounts, name);
    return slot != NULL ? slot->plan : NULL;
}

bool memory_put_key(struct accounts *accounts, const struct key_row *row, struct known_key **spare)
{
    struct known_tenant *tenant = memory_tenant(accounts, row->tenant);
    if (tenant == NULL)
        return false;
    struct known_key *key = take_ptr(*spare);
    snprintf(key->key.id, sizeof key->key.id, "%s", row->id);
    memcpy(key->key.hash.bytes, row->secret_sha256, API_KEY_HASH_SIZE);
    key->role = strcmp(row->role, "admin") == 0 ? ROLE_ADMIN : ROLE_TENANT;
    key->expires_ms = row->expires_ms;
    key->tenant = tenant;
    atomic_init(&key->used_ms, row->last_used_ms);
    list_add_last(&tenant->keys, &key->link);
    tenant->key_count++;
    id_map_add(&accounts->keys, &key->entry, key->key.id);
    return true;
}

static void free_key(struct accounts *accounts, struct known_key *key)
{
    id_map_remove(&accounts->keys, &key->entry);
    list_remove(&key->link);
    key->tenant->key_count--;
    free(key);
}

void memory_drop_key(struct accounts *accounts, const char *id)
{
    struct id_entry *entry = id_map_find(&accounts->keys, id);
    if (entry != NULL)
        free_key(accounts, list_item(entry, struct known_key, entry));
}

bool memory_revoke_key(struct accounts *accounts, const char *tenant, const char *id)
{
    struct id_entry *entry = id_map_find(&accounts->keys, id);
    struct known_key *key = entry != NULL ? list_item(entry, struct known_key, entry) : NULL;
    if (key == NULL || strcmp(key->tenant->id, tenant) != 0)
        return false;
    key->revoked = true;
    return true;
}

bool memory_put_tenant(struct accounts *accounts, const struct tenant_row *row, struct known_tenant **spare)
{
    struct known_tenant *tenant = memory_tenant(accounts, row->id);
    struct plan *plan = memory_plan(accounts, row->plan);
    if (plan == NULL)
        return false;
    if (tenant == NULL) {
        tenant = take_ptr(*spare);
        snprintf(tenant->id, sizeof tenant->id, "%s", row->id);
        list_init(&tenant->keys);
        id_map_add(&accounts->tenants, &tenant->entry, tenant->id);
    }
    snprintf(tenant->name, sizeof tenant->name, "%s", row->name);
    snprintf(tenant->suspended, sizeof tenant->suspended, "%s", row->suspended != NULL ? row->suspended : "");
    plan_unref(tenant->plan);
    tenant->plan = plan_ref(plan);
    return true;
}

static void free_keys(struct accounts *accounts, struct known_tenant *tenant)
{
    struct known_key *key;
    list_each(key, &tenant->keys, link) free_key(accounts, key);
}

static void free_tenant(struct accounts *accounts, struct known_tenant *tenant)
{
    free_keys(accounts, tenant);
    id_map_remove(&accounts->tenants, &tenant->entry);
    plan_unref(tenant->plan);
    free(tenant);
}

void memory_drop_tenant(struct accounts *accounts, const char *id)
{
    struct known_tenant *tenant = memory_tenant(accounts, id);
    if (tenant != NULL && tenant != &accounts->admins)
        free_tenant(accounts, tenant);
}

static void hand_on_plan(struct accounts *accounts, const struct plan *before, struct plan *after)
{
    for (size_t i = 0; i < accounts->tenants.bucket_count; i++) {
        for (struct id_entry *entry = accounts->tenants.buckets[i]; entry != NULL; entry = entry->next) {
            struct known_tenant *tenant = tenant_of(entry);
            if (tenant->plan != before)
                continue;
            plan_unref(tenant->plan);
            tenant->plan = plan_ref(after);
        }
    }
}

void memory_put_plan(struct accounts *accounts, struct plan *plan, struct known_plan **spare)
{
    struct known_plan *slot = plan_slot(accounts, plan->name);
    if (slot == NULL) {
        slot = take_ptr(*spare);
        slot->plan = plan;
        id_map_add(&accounts->plans, &slot->entry, plan->name);
        return;
    }
    struct plan *before = slot->plan;
    id_map_remove(&accounts->plans, &slot->entry); // its key was the old plan's name
    slot->plan = plan;
    id_map_add(&accounts->plans, &slot->entry, plan->name);
    hand_on_plan(accounts, before, plan);
    plan_unref(before);
}

void memory_free(struct accounts *accounts)
{
    free_keys(accounts, &accounts->admins);
    for (size_t i = 0; i < accounts->tenants.bucket_count; i++)
        while (accounts->tenants.buckets[i] != NULL)
            free_tenant(accounts, tenant_of(accounts->tenants.buckets[i]));
    for (size_t i = 0; i < accounts->plans.bucket_count; i++) {
        while (accounts->plans.buckets[i] != NULL) {
            struct known_plan *slot = list_item(accounts->plans.buckets[i], struct known_plan, entry);
            id_map_remove(&accounts->plans, &slot->entry);
            plan_unref(slot->plan);
            free(slot);
        }
    }
    id_map_deinit(&accounts->keys);
    id_map_deinit(&accounts->tenants);
    id_map_deinit(&accounts->plans);
}
