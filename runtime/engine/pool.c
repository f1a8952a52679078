// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/pool.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/require.h"
#include "runtime/engine/dispatch.h"
#include "runtime/engine/lasting_runs.h"
#include "runtime/engine/workers.h"
#include "runtime/engine/zygote_packets.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

// So that the policy's idle_workers are there even just before a refill, which comes at half of the target.
// Never more of them than may run at once: a few policies that ask for many would fill the host with
// processes.
static uint32_t least_target(const struct engine *engine, const struct policy *policy)
{
    if (engine->options.one_run)
        return 0;
    return smaller(policy->idle_workers, engine->options.max_running) * 2;
}

struct pool *pool_new(const struct engine *engine, struct policy *policy)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    pool->policy = policy_ref(policy);
    pool->gate.running_max = smaller(policy->max_concurrency, engine->options.max_running);
    pool->target = least_target(engine, policy);
    pool->timer.kind = TIMER_POOL;
    pool->start_until_ns = UINT64_MAX;
    pool->start_at_ns = UINT64_MAX;
    pool->retire_at_ns = UINT64_MAX;
    pool->backoff_ms = BACKOFF_FIRST_MS;
    list_init(&pool->link);
    list_init(&pool->hungry);
    list_init(&pool->unstarted);
    list_init(&pool->draining_link);
    list_init(&pool->zygotes);
    return pool;
}

void pool_free(struct pool *pool)
{
    policy_unref(pool->policy);
    free(pool);
}

uint32_t pool_workers_wanted(const struct engine *engine, const struct pool *pool, uint64_t now_ns)
{
    const struct gate *gate = &pool->gate;
    if (pool->live == NULL || pool->live->blocked || now_ns < pool->spawn_at_ns)
        return 0;
    uint32_t room = smaller(gate->running_max - smaller(gate->running, gate->running_max),
                            engine->options.max_running - (uint32_t)gauge_read(&engine->admission.running));
    uint32_t needed = smaller(gate->waiting, room);
    // While others hold every slot one is needed all the same: with neither an idle nor a running worker,
    // nothing of this pool would happen that asks again.
    if (needed == 0 && gate->waiting > 0 && gate->idle == 0 && gate->running == 0)
        needed = 1;
    uint32_t target = pool->draining ? 0 : pool->target;
    // In batches: nothing until half of the target is used up.
    if (gate->idle > target / 2 && gate->idle >= needed)
        return 0;
    uint32_t total = smaller(target + needed, larger(gate->running_max, least_target(engine, pool->policy)));
    return total > gate->idle ? smaller(total - gate->idle, SPAWN_BATCH_MAX) : 0;
}

void pool_note_use(struct engine *engine, struct pool *pool)
{
    struct gate *gate = &pool->gate;
    pool->idle_low = smaller(pool->idle_low, gate->idle);
    if (gate->idle == 0 && gate->waiting > 0 && !pool->draining && !engine->options.one_run) {
        uint32_t target = smaller(pool->target * 2 + 1, gate->running_max);
        if (target > pool->target && pool->target_grown_at != gauge_read(&engine->forks)) {
            // Once per batch of workers, or a burst would double it with every run.
            pool->target_grown_at = gauge_read(&engine->forks);
            pool->target = target;
            if (engine->shrink_timer.position == 0)
                deadlines_set(&engine->deadlines, &engine->shrink_timer,
                              clock_monotonic_ns() + SHRINK_EVERY_MS * NS_PER_MS);
        }
    }
    if (pool_workers_wanted(engine, pool, clock_monotonic_ns()) == 0)
        return;
    if (list_empty(&pool->hungry))
        list_add_last(&engine->hungry, &pool->hungry);
    // Otherwise it can wait until this run ends or has lasted for a millisecond: its own time matters more.
    if (gate->idle == 0)
        engine_wake(engine);
}

struct batch {
    struct zygote *zygote;
    struct worker *workers[SPAWN_BATCH_MAX];
    uint64_t ids[SPAWN_BATCH_MAX];
    int far_ends[SPAWN_BATCH_MAX];
    uint32_t count;
    bool on_kept_cores;
};

// False if no worker is wanted. If some are, and there was no memory for one, the batch is empty.
static bool plan_batch(struct engine *engine, struct pool *pool, struct batch *batch)
{
    engine_lock(engine);
    batch->zygote = pool->live;
    batch->on_kept_cores = lasting_spares_cores(engine);
    uint32_t wanted = pool_workers_wanted(engine, pool, clock_monotonic_ns());
    while (batch->count < wanted) {
        struct worker *worker = worker_new(engine, pool->live);
        if (worker == NULL)
            break;
        batch->workers[batch->count] = worker;
        batch->ids[batch->count++] = worker->id;
    }
    if (batch->count > 0)
        zygote_note_order(engine, batch->zygote);
    engine_unlock(engine);
    return wanted > 0;
}

// Makes the sockets and asks the zygote. False if nothing of it was sent.
static bool send_batch(struct batch *batch, struct error *err)
{
    if (batch->count == 0)
        return error_set(err, ERROR_MEMORY, "no memory to keep count of them");
    uint32_t made = 0;
    bool sent = true;
    for (; made < batch->count && sent; made++) {
        int pair[2];
        sent = fd_socket_pair(SOCK_STREAM, pair, err);
        if (!sent)
            break;
        batch->workers[made]->socket = pair[0];
        batch->far_ends[made] = pair[1];
    }
    if (sent)
        sent = zygote_send_spawn(batch->zygote, batch->ids, batch->far_ends, batch->count,
                                 batch->on_kept_cores, err);
    for (uint32_t i = 0; i < made; i++)
        close(batch->far_ends[i]);
    return sent;
}

static void settle_batch(struct engine *engine, const struct pool *pool, struct batch *batch, bool sent)
{
    // Only this thread retires or ends zygotes.
    require(pool->live == batch->zygote);
    for (uint32_t i = 0; i < batch->count; i++) {
        if (sent)
            worker_now_idle(engine, batch->workers[i]);
        else
            worker_free(engine, batch->workers[i]);
    }
    if (!sent)
        return;
    gauge_add(&engine->forks, batch->count);
    engine_note(engine, EVENT_WORKERS_ASKED, pool, "%u; idle %u, running %u, waiting %u, target %u",
                batch->count, pool->gate.idle, pool->gate.running, pool->gate.waiting, pool->target);
}

void pool_ask_ahead(struct engine *engine, struct zygote *zygote)
{
    struct batch batch = {.zygote = zygote};
    engine_lock(engine);
    struct worker *worker = worker_new(engine, zygote);
    engine_unlock(engine);
    if (worker == NULL)
        return;
    batch.workers[0] = worker;
    batch.ids[batch.count++] = worker->id;
    bool sent = send_batch(&batch, NULL);
    engine_lock(engine);
    if (sent)
        gauge_add(&engine->forks, 1);
    else
        worker_free(engine, worker);
    engine_unlock(engine);
}

void pool_pause(struct engine *engine, struct pool *pool)
{
    uint64_t now_ns = clock_monotonic_ns(), pause_ms = SPAWN_PAUSE_MS;
    pool->losses = 0;
    if (pool->spawn_at_ns > now_ns)
        return; // another worker of the same batch
    for (uint32_t i = 0; i < pool->spawn_failures && pause_ms < SPAWN_PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    pool->spawn_failures++;
    pool->spawn_at_ns = now_ns + pause_ms * NS_PER_MS;
    pool_schedule(engine, pool);
}

void pool_refill(struct engine *engine, struct pool *pool)
{
    struct batch batch = {.count = 0};
    if (!plan_batch(engine, pool, &batch))
        return;
    struct error err = {0};
    bool sent = send_batch(&batch, &err);
    engine_lock(engine);
    settle_batch(engine, pool, &batch, sent);
    if (sent) {
        dispatch_waiting(engine);
        if (pool_workers_wanted(engine, pool, clock_monotonic_ns()) > 0 && list_empty(&pool->hungry))
            list_add_last(&engine->hungry, &pool->hungry);
    } else if (err.kind == ERROR_SYSTEM && err.sys_errno == EAGAIN) {
        zygote_await_room(engine, batch.zygote);
    } else if (err.kind != ERROR_CLOSED) {
        pool_pause(engine, pool);
        engine_note(engine, EVENT_WORKER_LOST, pool, "cannot ask for workers: %s", err.text);
    }
    engine_unlock(engine);
}

bool pool_shrink(struct engine *engine, struct pool *pool)
{
    uint32_t least = least_target(engine, pool->policy);
    if (pool->target > least)
        pool->target -= smaller((pool->idle_low + 1) / 2, pool->target - least);
    pool->idle_low = pool->gate.idle;
    while (pool->live != NULL && pool->gate.idle > pool->target + pool->gate.waiting)
        worker_send_away(engine, list_item(pool->live->idle.previous, struct worker, idle));
    return pool->target > least;
}

void pool_schedule(struct engine *engine, struct pool *pool)
{
    uint64_t now_ns = clock_monotonic_ns();
    uint64_t first_ns = pool->starting != NULL ? pool->start_until_ns : pool->start_at_ns;
    if (pool->live != NULL && pool->starting == NULL && pool->retire_at_ns < first_ns)
        first_ns = pool->retire_at_ns;
    if (pool->spawn_at_ns > now_ns && pool->spawn_at_ns < first_ns)
        first_ns = pool->spawn_at_ns;
    const struct zygote *zygote;
    list_each(zygote, &pool->zygotes, link)
    {
        uint64_t stuck_at_ns = zygote_stuck_at_ns(engine, zygote);
        first_ns = stuck_at_ns < first_ns ? stuck_at_ns : first_ns;
    }
    if (first_ns == UINT64_MAX)
        deadlines_clear(&engine->deadlines, &pool->timer);
    else
        deadlines_set(&engine->deadlines, &pool->timer, first_ns);
    engine_arm(engine);
}
