// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/zygote_life.h"

#include "base/clock.h"
#include "runtime/engine/attend.h"
#include "runtime/engine/dispatch.h"
#include "runtime/engine/pool.h"
#include "runtime/engine/runs.h"
#include "runtime/engine/workers.h"
#include "runtime/engine/zygote_packets.h"
#include "runtime/engine/zygote_start.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>

struct zygote *zygote_for(struct engine *engine, const struct policy *policy, bool try_interpreter,
                          struct error *err)
{
    const struct zygote_plan plan = {.try_interpreter = try_interpreter,
                                     .one_run = engine->options.one_run,
                                     .kept_cores = engine->options.kept_cores};
    engine_lock(engine);
    struct zygote *zygote = engine->ahead;
    engine->ahead = NULL;
    engine_unlock(engine);
    if (zygote == NULL) {
        zygote = zygote_start(engine->zygote_path, policy, &plan, err);
    } else if (!zygote_set_up(zygote, policy, &plan, err)) {
        zygote_discard(zygote);
        return NULL;
    }
    if (zygote != NULL && plan.one_run)
        pool_ask_ahead(engine, zygote);
    return zygote;
}

void zygote_drop(struct engine *engine, struct zygote *zygote)
{
    engine_lock(engine);
    while (!list_empty(&zygote->workers))
        worker_free(engine, list_first(&zygote->workers, struct worker, link));
    engine_unlock(engine);
    zygote_discard(zygote);
}

bool zygote_attach(struct engine *engine, struct pool *pool, struct zygote *zygote, struct error *err)
{
    struct epoll_event control = {.events = EPOLLIN, .data.ptr = &zygote->control_source};
    struct epoll_event process = {.events = EPOLLIN, .data.ptr = &zygote->process_source};
    if (epoll_ctl(engine->epoll_fd, EPOLL_CTL_ADD, zygote->control, &control) != 0)
        return error_system(err, errno, "cannot watch a zygote");
    if (epoll_ctl(engine->epoll_fd, EPOLL_CTL_ADD, zygote->pidfd, &process) != 0) {
        int failed = errno;
        epoll_ctl(engine->epoll_fd, EPOLL_CTL_DEL, zygote->control, NULL);
        return error_system(err, failed, "cannot watch a zygote");
    }
    zygote->pool = pool;
    list_add_last(&pool->zygotes, &zygote->link);
    pool->starting = zygote;
    pool->start_until_ns = clock_monotonic_ns() + engine->options.start_patience_ms * NS_PER_MS;
    pool_schedule(engine, pool);
    return true;
}

void zygote_ready_now(struct engine *engine, struct zygote *zygote)
{
    struct pool *pool = zygote->pool;
    struct zygote *before = pool->live;
    pool->starting = NULL;
    if (before != NULL) {
        zygote_retire(engine, before);
        engine_note(engine, EVENT_ZYGOTE_RETIRED, pool, "replaced after %u runs", before->runs);
    }
    zygote->state = ZYGOTE_IS_LIVE;
    pool->live = zygote;
    struct worker *worker;
    list_each(worker, &zygote->workers, link) worker_now_idle(engine, worker); // asked for ahead
    pool->down = false;
    pool->losses = 0;
    pool->start_at_ns = UINT64_MAX;
    pool->retire_at_ns = engine->options.zygote_age_ms_max > 0
                             ? zygote->ready_ns + engine->options.zygote_age_ms_max * NS_PER_MS
                             : UINT64_MAX;
    pool_schedule(engine, pool);
    dispatch_waiting(engine);
    pool_note_use(engine, pool);
    engine_note(engine, EVENT_ZYGOTE_STARTED, pool, "pid %d", (int)zygote->pid);
    if (zygote->cores_problem[0] != 0)
        engine_note(engine, EVENT_CORES_SHARED, pool, "%s", zygote->cores_problem);
}

void zygote_retire(struct engine *engine, struct zygote *zygote)
{
    struct pool *pool = zygote->pool;
    while (!list_empty(&zygote->idle))
        worker_send_away(engine, list_first(&zygote->idle, struct worker, idle));
    if (pool->live == zygote)
        pool->live = NULL;
    if (pool->starting == zygote)
        pool->starting = NULL;
    zygote->state = ZYGOTE_IS_RETIRING;
    zygote_check_retired(engine, zygote);
}

void zygote_check_retired(struct engine *engine, struct zygote *zygote)
{
    if (zygote->state == ZYGOTE_IS_RETIRING && zygote->busy == 0)
        zygote_end(engine, zygote, NULL);
}

void zygote_end(struct engine *engine, struct zygote *zygote, const char *host_failure)
{
    struct pool *pool = zygote->pool;
    struct worker *worker;
    list_each(worker, &zygote->workers, link)
    {
        struct run *run = worker->run;
        if (run != NULL) {
            run->worker = NULL;
            run_end(engine, run, host_failure);
        }
        worker_free(engine, worker);
    }
    if (pool->live == zygote)
        pool->live = NULL;
    if (pool->starting == zygote)
        pool->starting = NULL;
    attend_forget_zygote(engine, zygote);
    if (zygote->control >= 0)
        epoll_ctl(engine->epoll_fd, EPOLL_CTL_DEL, zygote->control, NULL);
    zygote->state = ZYGOTE_IS_ENDING;
    zygote_kill_process(zygote);
}

// What has to happen for runs to start again on this pool.
static void plan_restart(struct engine *engine, struct pool *pool, bool was_steady)
{
    if (was_steady)
        pool->backoff_ms = BACKOFF_FIRST_MS;
    pool->start_at_ns = clock_monotonic_ns() + pool->backoff_ms * NS_PER_MS;
    pool->backoff_ms = pool->backoff_ms * 2 < BACKOFF_MAX_MS ? pool->backoff_ms * 2 : BACKOFF_MAX_MS;
    pool_schedule(engine, pool);
}

// No zygote can be had: what waits for one is told at once instead of hanging.
static void start_failed(struct engine *engine, struct pool *pool, const char *why)
{
    engine_note(engine, EVENT_ZYGOTE_REFUSED, pool, "%s", why);
    if (pool->live == NULL) {
        pool->down = true;
        snprintf(pool->problem, sizeof pool->problem, "%s", why);
        struct ticket *ticket;
        while ((ticket = admission_any_waiting(&engine->admission, &pool->gate)) != NULL)
            run_end(engine, list_item(ticket, struct run, ticket), "the policy's zygote could not start");
    }
    plan_restart(engine, pool, false);
}

void zygote_fail(struct engine *engine, struct zygote *zygote, const char *why)
{
    struct pool *pool = zygote->pool;
    enum zygote_state state = zygote->state;
    uint64_t age_ns = clock_monotonic_ns() - zygote->ready_ns;
    if (state == ZYGOTE_IS_ENDING)
        return;
    zygote_end(engine, zygote, "the process that the worker was forked from died");
    if (state == ZYGOTE_IS_STARTING) {
        start_failed(engine, pool, why);
        return;
    }
    engine_note(engine, EVENT_ZYGOTE_DIED, pool, "%s", why);
    if (state != ZYGOTE_IS_LIVE)
        return;
    gauge_add(&engine->zygote_restarts, 1);
    bool was_steady = age_ns > STEADY_AFTER_MS * NS_PER_MS || zygote->runs >= STEADY_AFTER_RUNS;
    if (pool->starting == NULL)
        plan_restart(engine, pool, was_steady);
}

void zygote_on_process(struct engine *engine, struct zygote *zygote)
{
    char how[ZYGOTE_END_TEXT_SIZE];
    zygote_end_in_words(zygote, how);
    if (!zygote_reap(zygote, false))
        return;
    zygote_fail(engine, zygote, how);
    epoll_ctl(engine->epoll_fd, EPOLL_CTL_DEL, zygote->pidfd, NULL);
    list_remove(&zygote->link);
    zygote_free(zygote);
}

static void want_start(struct engine *engine, struct pool *pool)
{
    pool->start_at_ns = UINT64_MAX;
    if (list_empty(&pool->unstarted))
        list_add_last(&engine->unstarted, &pool->unstarted);
}

static void fail_stuck(struct engine *engine, struct pool *pool)
{
    struct zygote *zygote;
    list_each(zygote, &pool->zygotes, link) if (zygote_is_stuck(engine, zygote))
        zygote_fail(engine, zygote, "the zygote took no order for workers");
}

void pool_on_timer(struct engine *engine, struct pool *pool)
{
    uint64_t now_ns = clock_monotonic_ns();
    fail_stuck(engine, pool);
    if (pool->starting != NULL && now_ns >= pool->start_until_ns) {
        zygote_fail(engine, pool->starting, "the zygote was not ready in time");
    } else if (pool->starting == NULL && now_ns >= pool->start_at_ns) {
        want_start(engine, pool);
    } else if (pool->starting == NULL && pool->live != NULL && now_ns >= pool->retire_at_ns) {
        pool->retire_at_ns = UINT64_MAX;
        want_start(engine, pool);
    }
    pool_note_use(engine, pool);
    pool_schedule(engine, pool);
}

void pool_check_worn(struct engine *engine, struct pool *pool)
{
    uint32_t runs_max = engine->options.zygote_runs_max;
    if (runs_max == 0 || pool->live == NULL || pool->live->runs < runs_max || pool->draining)
        return;
    // Neither while a successor starts, nor while one that failed to waits for its next try.
    if (pool->starting != NULL || pool->start_at_ns != UINT64_MAX || !list_empty(&pool->unstarted))
        return;
    want_start(engine, pool);
    engine_wake(engine);
}

void pool_start_zygote(struct engine *engine, struct pool *pool)
{
    struct error err = {0};
    struct zygote *zygote = zygote_for(engine, pool->policy, false, &err);
    engine_lock(engine);
    bool attached = zygote != NULL && zygote_attach(engine, pool, zygote, &err);
    if (!attached)
        start_failed(engine, pool, err.text);
    engine_unlock(engine);
    if (!attached && zygote != NULL)
        zygote_drop(engine, zygote);
}

void pool_drain(struct engine *engine, struct pool *pool)
{
    if (pool->draining)
        return;
    pool->draining = true;
    if (pool->entry.key != NULL)
        id_map_remove(&engine->pools, &pool->entry);
    list_remove(&pool->draining_link);
    list_add_last(&engine->draining, &pool->draining_link);
    engine->drain_asked = true;
    engine_wake(engine);
}

bool pool_check_drained(struct engine *engine, struct pool *pool)
{
    if (!pool->draining || pool->gate.waiting > 0 || pool->gate.running > 0)
        return false;
    if (pool->live != NULL)
        zygote_retire(engine, pool->live);
    if (pool->starting != NULL)
        zygote_end(engine, pool->starting, NULL);
    deadlines_clear(&engine->deadlines, &pool->timer);
    list_remove(&pool->hungry);
    list_remove(&pool->unstarted);
    if (!list_empty(&pool->zygotes))
        return false;
    list_remove(&pool->link);
    list_remove(&pool->draining_link);
    engine->pool_count--;
    pool_free(pool);
    return true;
}
