// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/run_registry.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/require.h"
#include "runtime/engine/list.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ENDED_KEPT = 8192 };

struct ended_run {
    struct id_entry entry; // its key is NULL as long as nothing ended here
    char id[UUID_TEXT_SIZE];
    char tenant[TENANT_ID_SIZE];
};

struct run_registry {
    pthread_mutex_t lock;
    struct registered_run *first, *last; // the newest, the oldest
    unsigned count;
    struct id_map going_on; // by id: looked up under the lock that every run takes
    struct id_map ended_ids;
    unsigned next_ended; // a ring
    struct ended_run ended[ENDED_KEPT];
};

struct run_registry *run_registry_new(struct error *err)
{
    struct run_registry *registry = calloc(1, sizeof(*registry));
    if (registry == NULL || !id_map_init(&registry->going_on) || !id_map_init(&registry->ended_ids)) {
        if (registry != NULL)
            id_map_deinit(&registry->going_on);
        free(registry);
        error_set(err, ERROR_MEMORY, "no memory for the list of runs");
        return NULL;
    }
    pthread_mutex_init(&registry->lock, NULL);
    return registry;
}

void run_registry_free(struct run_registry *registry)
{
    if (registry == NULL)
        return;
    require(registry->first == NULL);
    pthread_mutex_destroy(&registry->lock);
    id_map_deinit(&registry->going_on);
    id_map_deinit(&registry->ended_ids);
    free(registry);
}

// With the lock held.
static unsigned validations_of(const struct run_registry *registry, const char *tenant)
{
    unsigned count = 0;
    for (const struct registered_run *run = registry->first; run != NULL; run = run->next)
        count += run->is_validation && strcmp(run->tenant, tenant) == 0;
    return count;
}

bool run_registry_add(struct run_registry *registry, struct registered_run *run)
{
    pthread_mutex_lock(&registry->lock);
    if (run->is_validation && run->tenant[0] != '\0' &&
        validations_of(registry, run->tenant) >= TENANT_VALIDATIONS_MAX) {
        pthread_mutex_unlock(&registry->lock);
        return false;
    }
    run->previous = NULL;
    run->next = registry->first;
    if (run->next != NULL)
        run->next->previous = run;
    else
        registry->last = run;
    registry->first = run;
    registry->count++;
    id_map_add(&registry->going_on, &run->entry, run->id);
    pthread_mutex_unlock(&registry->lock);
    return true;
}

// With the lock held.
static void take_out(struct run_registry *registry, struct registered_run *run)
{
    if (run->previous != NULL)
        run->previous->next = run->next;
    else
        registry->first = run->next;
    if (run->next != NULL)
        run->next->previous = run->previous;
    else
        registry->last = run->previous;
    registry->count--;
    id_map_remove(&registry->going_on, &run->entry);
}

void run_registry_end(struct run_registry *registry, struct registered_run *run)
{
    pthread_mutex_lock(&registry->lock);
    take_out(registry, run);
    struct ended_run *ended = &registry->ended[registry->next_ended];
    if (ended->entry.key != NULL)
        id_map_remove(&registry->ended_ids, &ended->entry);
    memcpy(ended->id, run->id, sizeof(ended->id));
    memcpy(ended->tenant, run->tenant, sizeof(ended->tenant));
    id_map_add(&registry->ended_ids, &ended->entry, ended->id);
    registry->next_ended = (registry->next_ended + 1) % ENDED_KEPT;
    pthread_mutex_unlock(&registry->lock);
}

void run_registry_forget(struct run_registry *registry, struct registered_run *run)
{
    pthread_mutex_lock(&registry->lock);
    take_out(registry, run);
    pthread_mutex_unlock(&registry->lock);
}

enum run_presence run_registry_find(struct run_registry *registry, const char *id,
                                    const struct identity *identity)
{
    enum run_presence presence = RUN_UNKNOWN;
    pthread_mutex_lock(&registry->lock);
    struct id_entry *entry = id_map_find(&registry->going_on, id);
    if (entry != NULL) {
        if (identity_may(identity, list_item(entry, struct registered_run, entry)->tenant))
            presence = RUN_RUNNING;
    } else if ((entry = id_map_find(&registry->ended_ids, id)) != NULL) {
        if (identity_may(identity, list_item(entry, struct ended_run, entry)->tenant))
            presence = RUN_ENDED;
    }
    pthread_mutex_unlock(&registry->lock);
    return presence;
}

unsigned run_registry_count(struct run_registry *registry)
{
    pthread_mutex_lock(&registry->lock);
    unsigned count = registry->count;
    pthread_mutex_unlock(&registry->lock);
    return count;
}

static void put_text_or_null(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    if (text != NULL && text[0] != '\0')
        json_put_text(out, text);
    else
        buffer_append_text(out, "null");
}

void run_registry_put(struct run_registry *registry, struct buffer *out, unsigned maximum)
{
    uint64_t now_ns = clock_monotonic_ns();
    unsigned count = 0;
    buffer_append_byte(out, '[');
    pthread_mutex_lock(&registry->lock);
    for (const struct registered_run *run = registry->last; run != NULL && count < maximum;
         run = run->previous) {
        buffer_append_text(out, count++ > 0 ? ",{" : "{");
        json_put_name(out, "id");
        json_put_text(out, run->id);
        put_text_or_null(out, "tenant", run->tenant);
        put_text_or_null(out, "plugin", run->plugin);
        json_put_name(out, "policy");
        json_put_text(out, run->policy);
        json_put_name(out, "request_id");
        json_put_text(out, run->request_id);
        json_put_name(out, "age_ms");
        json_put_unsigned(out, (now_ns - run->start_ns) / NS_PER_MS);
        buffer_append_byte(out, '}');
    }
    pthread_mutex_unlock(&registry->lock);
    buffer_append_byte(out, ']');
}
