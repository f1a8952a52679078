// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/workers.h"

#include "base/require.h"

#include <stdlib.h>
#include <unistd.h>

enum { SLOT_BITS = 24, FIRST_SLOTS = 64 };
#define SLOT_MASK ((1u << SLOT_BITS) - 1)

static bool grow_slots(struct engine *engine)
{
    uint32_t count = engine->slot_count > 0 ? engine->slot_count * 2 : FIRST_SLOTS;
    if (count > SLOT_MASK)
        return false;
    struct worker **slots = realloc(engine->slots, count * sizeof(struct worker *));
    if (slots == NULL)
        return false;
    for (uint32_t i = engine->slot_count; i < count; i++)
        slots[i] = NULL;
    engine->free_slot = engine->slot_count;
    engine->slots = slots;
    engine->slot_count = count;
    return true;
}

// The next free slot after the last one used: workers live about equally long, so it is found at once.
static bool find_slot(struct engine *engine, uint32_t *ret_slot)
{
    if (engine->worker_count >= engine->slot_count && !grow_slots(engine))
        return false;
    uint32_t slot = engine->free_slot;
    while (engine->slots[slot] != NULL)
        slot = slot + 1 < engine->slot_count ? slot + 1 : 0;
    engine->free_slot = slot + 1 < engine->slot_count ? slot + 1 : 0;
    *ret_slot = slot;
    return true;
}

struct worker *worker_new(struct engine *engine, struct zygote *zygote)
{
    uint32_t slot;
    if (!find_slot(engine, &slot))
        return NULL;
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return NULL;
    worker->id = ++engine->worker_serial << SLOT_BITS | slot;
    worker->zygote = zygote;
    worker->socket = -1;
    worker->state = WORKER_STARTING;
    list_init(&worker->idle);
    list_add_last(&zygote->workers, &worker->link);
    engine->slots[slot] = worker;
    engine->worker_count++;
    return worker;
}

static void leave_idle(struct engine *engine, struct worker *worker)
{
    if (worker->state != WORKER_IDLE)
        return;
    list_remove(&worker->idle);
    struct pool *pool = worker->zygote->pool;
    if (pool->live == worker->zygote)
        admission_set_idle(&engine->admission, &pool->gate, pool->gate.idle - 1);
}

void worker_free(struct engine *engine, struct worker *worker)
{
    leave_idle(engine, worker);
    if (worker->socket >= 0)
        close(worker->socket);
    list_remove(&worker->link);
    engine->slots[worker->id & SLOT_MASK] = NULL;
    engine->worker_count--;
    free(worker);
}

struct worker *worker_find(struct engine *engine, const struct zygote *zygote, uint64_t id)
{
    uint32_t slot = id & SLOT_MASK;
    struct worker *worker = slot < engine->slot_count ? engine->slots[slot] : NULL;
    return worker != NULL && worker->id == id && worker->zygote == zygote ? worker : NULL;
}

void worker_send_away(struct engine *engine, struct worker *worker)
{
    leave_idle(engine, worker);
    worker->state = WORKER_LEAVING;
    if (worker->socket >= 0)
        close(worker->socket);
    worker->socket = -1;
}

void worker_now_idle(struct engine *engine, struct worker *worker)
{
    struct pool *pool = worker->zygote->pool;
    require(pool->live == worker->zygote);
    worker->state = WORKER_IDLE;
    list_add_last(&worker->zygote->idle, &worker->idle);
    admission_set_idle(&engine->admission, &pool->gate, pool->gate.idle + 1);
}

struct worker *worker_take_idle(struct pool *pool)
{
    // The oldest was certainly forked; the newest may still be on its way.
    if (pool->live == NULL || list_empty(&pool->live->idle))
        return NULL;
    struct worker *worker = list_first(&pool->live->idle, struct worker, idle);
    list_remove(&worker->idle);
    worker->state = WORKER_RUNNING;
    return worker;
}
