// SPDX-License-Identifier: Apache-2.0
// Changing which policies are live: everything is prepared beside what runs, and swapped in at one moment, or
// not at all.
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/require.h"
#include "runtime/engine/pool.h"
#include "runtime/engine/zygote_life.h"
#include "runtime/engine/zygote_start.h"

#include <stdlib.h>
#include <string.h>

// One policy of the new set.
struct candidate {
    struct pool *pool;     // new; NULL if what is live stays
    struct zygote *zygote; // of the new pool
    bool tries_interpreter;
};

static struct pool *live_pool(struct engine *engine, const char *name)
{
    struct id_entry *entry = id_map_find(&engine->pools, name);
    return entry != NULL ? list_item(entry, struct pool, entry) : NULL;
}

static bool is_live_already(struct engine *engine, const struct policy *policy)
{
    engine_lock(engine);
    const struct pool *pool = live_pool(engine, policy->name);
    bool live = pool != NULL && pool->live != NULL && strcmp(pool->policy->version, policy->version) == 0;
    engine_unlock(engine);
    return live;
}

// All zygotes are one executable with one interpreter: the first answers for all of them.
static bool start_candidate(struct engine *engine, struct policy *policy, struct candidate *candidate,
                            bool *try_interpreter, struct error *err)
{
    if (is_live_already(engine, policy))
        return true;
    candidate->pool = pool_new(engine, policy);
    if (candidate->pool == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for policy %s", policy->name);
    candidate->tries_interpreter = *try_interpreter;
    candidate->zygote = zygote_for(engine, policy, *try_interpreter, err);
    *try_interpreter = false;
    return candidate->zygote != NULL || error_prefix(err, "policy %s", policy->name);
}

// Only now: a zygote that never got ready has tried nothing, and the next one is told to.
static void keep_verdict(struct engine *engine, const struct candidate *candidate)
{
    engine->interpreter_tried = true;
    engine_lock(engine);
    engine->interpreter = candidate->zygote->isolation.layer[LAYER_LUA_ENVIRONMENT];
    engine_unlock(engine);
}

// The zygotes start side by side; waiting for one lets the others go on.
static bool prepare(struct engine *engine, struct policy *const *policies, size_t count,
                    struct candidate *candidates, uint32_t timeout_ms, struct error *err)
{
    uint64_t until_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    bool try_interpreter = engine->options.try_interpreter && !engine->interpreter_tried;
    for (size_t i = 0; i < count; i++)
        if (!start_candidate(engine, policies[i], &candidates[i], &try_interpreter, err))
            return false;
    for (size_t i = 0; i < count; i++) {
        struct candidate *candidate = &candidates[i];
        if (candidate->zygote == NULL)
            continue;
        bool ready = zygote_await_ready(candidate->zygote, until_ns, err);
        if (!ready)
            return error_prefix(err, "policy %s", policies[i]->name);
        if (candidate->tries_interpreter)
            keep_verdict(engine, candidate);
    }
    return true;
}

static void drop_candidate(struct engine *engine, struct candidate *candidate)
{
    if (candidate->zygote != NULL)
        zygote_drop(engine, candidate->zygote);
    if (candidate->pool != NULL)
        pool_free(candidate->pool);
}

static bool is_in(struct policy *const *policies, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(policies[i]->name, name) == 0)
            return true;
    return false;
}

// Lock held. From here on the engine owns it.
static void adopt(struct engine *engine, struct candidate *candidate)
{
    list_add_last(&engine->all_pools, &candidate->pool->link);
    engine->pool_count++;
}

// Lock held. Watching every new zygote is the last thing that can fail. An event may already point to one
// that is watched, so those are left to the serving thread to end.
static bool attach_all(struct engine *engine, struct candidate *candidates, size_t count, struct error *err)
{
    if (!deadlines_reserve(&engine->deadlines,
                           engine->options.max_running + engine->pool_count + count + ENGINE_TIMERS))
        return error_set(err, ERROR_MEMORY, "no memory for deadlines");
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].zygote == NULL ||
            zygote_attach(engine, candidates[i].pool, candidates[i].zygote, err))
            continue;
        while (i-- > 0) {
            if (candidates[i].zygote == NULL)
                continue;
            adopt(engine, &candidates[i]);
            pool_drain(engine, candidates[i].pool);
            candidates[i] = (struct candidate){0};
        }
        return false;
    }
    return true;
}

// Lock held. Cannot fail.
static void commit(struct engine *engine, struct candidate *candidate)
{
    struct pool *pool = candidate->pool;
    if (pool == NULL)
        return;
    struct pool *before = live_pool(engine, pool->policy->name);
    if (before != NULL) {
        engine_note(engine, EVENT_ZYGOTE_RETIRED, before, "replaced by %s", pool->policy->version);
        pool_drain(engine, before);
    }
    id_map_add(&engine->pools, &pool->entry, pool->policy->name);
    adopt(engine, candidate);
    zygote_ready_now(engine, candidate->zygote);
    *candidate = (struct candidate){0};
}

static bool swap(struct engine *engine, struct policy *const *policies, size_t count, bool drop_others,
                 struct candidate *candidates, struct error *err)
{
    engine_lock(engine);
    bool attached = attach_all(engine, candidates, count, err);
    for (size_t i = 0; attached && i < count; i++)
        commit(engine, &candidates[i]);
    struct pool *pool;
    list_each(pool, &engine->all_pools, link) if (attached && drop_others && !pool->policy->validator &&
                                                  !is_in(policies, count, pool->policy->name))
        pool_drain(engine, pool);
    engine_wake(engine);
    engine_unlock(engine);
    return attached;
}

static bool replace(struct engine *engine, struct policy *const *policies, size_t count, bool drop_others,
                    uint32_t timeout_ms, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (is_in(policies, i, policies[i]->name))
            return error_set(err, ERROR_INVALID, "policy %s is there twice", policies[i]->name);
    autofree struct candidate *candidates = calloc(count > 0 ? count : 1, sizeof *candidates);
    if (candidates == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for %zu policies", count);
    require(pthread_mutex_lock(&engine->swap_lock) == 0);
    bool replaced = prepare(engine, policies, count, candidates, timeout_ms, err) &&
                    swap(engine, policies, count, drop_others, candidates, err);
    for (size_t i = 0; i < count; i++)
        drop_candidate(engine, &candidates[i]);
    require(pthread_mutex_unlock(&engine->swap_lock) == 0);
    return replaced;
}

bool engine_set_policy(struct engine *engine, struct policy *policy, uint32_t timeout_ms, struct error *err)
{
    return replace(engine, &policy, 1, false, timeout_ms, err);
}

bool engine_set_policies(struct engine *engine, struct policy *const *policies, size_t count,
                         uint32_t timeout_ms, struct error *err)
{
    return replace(engine, policies, count, true, timeout_ms, err);
}

bool engine_drop_policy(struct engine *engine, const char *name)
{
    engine_lock(engine);
    struct pool *pool = live_pool(engine, name);
    if (pool != NULL)
        pool_drain(engine, pool);
    engine_unlock(engine);
    return pool != NULL;
}
