// SPDX-License-Identifier: Apache-2.0
// What the engine tells of itself: figures, isolation, policies. Any thread.
#include "runtime/engine/engine_state.h"

#include <stdio.h>

void engine_read_figures(const struct engine *engine, struct engine_figures *ret_figures)
{
    const struct admission_state *admission = &engine->admission;
    *ret_figures = (struct engine_figures){
        .running = (uint32_t)gauge_read(&admission->running),
        .queued = (uint32_t)gauge_read(&admission->waiting),
        .idle_workers = (uint32_t)gauge_read(&admission->idle),
        .promised_memory_bytes = gauge_read(&admission->promised_bytes),
        .forks = gauge_read(&engine->forks),
        .zygote_restarts = gauge_read(&engine->zygote_restarts),
        .workers_lost = gauge_read(&engine->workers_lost),
    };
}

void engine_touch(struct engine *engine)
{
    engine_lock(engine);
    engine_unlock(engine);
}

// Lock held.
static const struct pool *find_pool(const struct engine *engine, const char *name)
{
    struct id_entry *entry = id_map_find(&engine->pools, name);
    return entry != NULL ? list_item(entry, struct pool, entry) : NULL;
}

bool engine_isolation(struct engine *engine, const char *policy, struct isolation_report *ret_report)
{
    engine_lock(engine);
    const struct pool *pool = find_pool(engine, policy);
    bool found = pool != NULL && pool->live != NULL;
    if (found) {
        *ret_report = pool->live->isolation;
        if (engine->interpreter.state != LAYER_ACTIVE)
            ret_report->layer[LAYER_LUA_ENVIRONMENT] = engine->interpreter;
    }
    engine_unlock(engine);
    return found;
}

bool engine_policy_problem(struct engine *engine, const char *policy, char *text, size_t size)
{
    engine_lock(engine);
    const struct pool *pool = find_pool(engine, policy);
    bool down = pool != NULL && pool->down;
    if (down)
        snprintf(text, size, "%s", pool->problem);
    engine_unlock(engine);
    return down;
}

struct policy *engine_policy(struct engine *engine, const char *name)
{
    engine_lock(engine);
    const struct pool *pool = find_pool(engine, name);
    struct policy *policy = pool != NULL ? policy_ref(pool->policy) : NULL;
    engine_unlock(engine);
    return policy;
}
