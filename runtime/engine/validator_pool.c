// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/validator_pool.h"

#include "runtime/engine/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char engine_validation_pool[] = "(validation)";

enum {
    AT_ONCE_MAX = 2, // each may use a whole processor for seconds
    WAITING_MAX = 32,
};

static struct policy *make_policy(void)
{
    struct policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL)
        return NULL;
    policy->references = 1;
    snprintf(policy->name, sizeof policy->name, "%s", engine_validation_pool);
    snprintf(policy->version, sizeof policy->version, "built-in");
    limits_for_validation(&policy->limits);
    policy->ceilings = policy->limits;
    policy->seccomp_mode = SECCOMP_MODE_ENFORCE_CALLS;
    policy->max_concurrency = AT_ONCE_MAX;
    policy->validator = true;
    return policy;
}

static struct pool *make_pool(struct engine *engine)
{
    if (!deadlines_reserve(&engine->deadlines,
                           engine->options.max_running + engine->pool_count + 1 + ENGINE_TIMERS))
        return NULL;
    struct policy *policy = make_policy();
    if (policy == NULL)
        return NULL;
    struct pool *pool = pool_new(engine, policy);
    policy_unref(policy);
    return pool;
}

struct pool *validator_pool(struct engine *engine)
{
    struct id_entry *entry = id_map_find(&engine->pools, engine_validation_pool);
    if (entry != NULL)
        return list_item(entry, struct pool, entry);
    struct pool *pool = make_pool(engine);
    if (pool == NULL)
        return NULL;
    id_map_add(&engine->pools, &pool->entry, pool->policy->name);
    list_add_last(&engine->all_pools, &pool->link);
    engine->pool_count++;
    list_add_last(&engine->unstarted, &pool->unstarted);
    engine_wake(engine);
    return pool;
}

bool validator_pool_has_room(const struct pool *pool)
{
    return pool->gate.waiting < WAITING_MAX;
}
