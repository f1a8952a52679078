// SPDX-License-Identifier: Apache-2.0
// The life of an engine, its lock, and what it tells of itself.
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/require.h"
#include "runtime/engine/engine_state.h"
#include "runtime/engine/pool.h"
#include "runtime/engine/runs.h"
#include "runtime/engine/zygote_life.h"
#include "runtime/engine/zygote_start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

void engine_lock(struct engine *engine)
{
    require(pthread_mutex_lock(&engine->lock) == 0);
}

void engine_unlock(struct engine *engine)
{
    require(pthread_mutex_unlock(&engine->lock) == 0);
}

static void ring(const struct engine *engine)
{
    // It fails only when it has rung so often that it is readable anyway.
    uint64_t one = 1;
    (void)!write(engine->wake_fd, &one, sizeof one);
}

void engine_wake(struct engine *engine)
{
    if (!engine->in_turn)
        ring(engine);
}

void engine_arm(struct engine *engine)
{
    uint64_t first_ns = deadlines_first_ns(&engine->deadlines);
    // Never moved back: to ring early once is cheaper than to set it for every run.
    if (first_ns >= engine->armed_ns)
        return;
    engine->armed_ns = first_ns;
    struct itimerspec at = {
        .it_value = {.tv_sec = (time_t)(first_ns / NS_PER_S), .tv_nsec = (long)(first_ns % NS_PER_S)}};
    require(timerfd_settime(engine->timer_fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
}

static bool watch(struct engine *engine, int fd, struct source *source, struct error *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};
    return (fd >= 0 && epoll_ctl(engine->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0) ||
           error_system(err, errno, "cannot set up the engine's events");
}

static bool open_events(struct engine *engine, struct error *err)
{
    engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (engine->epoll_fd < 0)
        return error_system(err, errno, "cannot set up the engine's events");
    engine->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->wake_source.kind = SOURCE_WAKE;
    if (!watch(engine, engine->wake_fd, &engine->wake_source, err))
        return false;
    engine->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    engine->timer_source.kind = SOURCE_TIMER;
    return watch(engine, engine->timer_fd, &engine->timer_source, err);
}

static bool allocate(struct engine *engine, const struct engine_options *options, struct error *err)
{
    const struct admission_caps caps = {
        .running_max = options->max_running,
        .tenant_running_max = options->tenant_running_max,
        .queue_capacity = options->queue_capacity,
        .memory_budget_bytes = options->memory_budget_bytes,
    };
    engine->zygote_path = strdup(options->zygote_path);
    engine->notes = calloc(NOTES_MAX, sizeof *engine->notes);
    engine->packet = malloc(ZYGOTE_PACKET_MAX);
    if (engine->zygote_path == NULL || engine->notes == NULL || engine->packet == NULL ||
        !admission_init(&engine->admission, &caps) || !id_map_init(&engine->pools) ||
        !id_map_init(&engine->runs) ||
        !deadlines_reserve(&engine->deadlines, options->max_running + ENGINE_TIMERS))
        return error_set(err, ERROR_MEMORY, "no memory for the engine");
    return true;
}

static bool start_ahead(struct engine *engine, const struct engine_options *options, struct error *err)
{
    if (options->one_run)
        engine->ahead = zygote_start(options->zygote_path, NULL, NULL, err);
    return !options->one_run || engine->ahead != NULL;
}

static void release(struct engine *engine)
{
    if (engine->ahead != NULL)
        zygote_discard(engine->ahead);
    admission_deinit(&engine->admission);
    id_map_deinit(&engine->pools);
    id_map_deinit(&engine->runs);
    deadlines_deinit(&engine->deadlines);
    int fds[] = {engine->timer_fd, engine->wake_fd, engine->epoll_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_mutex_destroy(&engine->lock);
    pthread_mutex_destroy(&engine->swap_lock);
    free(engine->slots);
    free(engine->packet);
    free(engine->notes);
    free(engine->zygote_path);
    free(engine);
}

struct engine *engine_new(const struct engine_options *options, struct error *err)
{
    require(options->max_running > 0 && options->zygote_path != NULL);
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the engine");
        return NULL;
    }
    engine->options = *options;
    if (engine->options.zygote_patience_ms == 0)
        engine->options.zygote_patience_ms = ZYGOTE_PATIENCE_MS;
    if (engine->options.start_patience_ms == 0)
        engine->options.start_patience_ms = START_PATIENCE_MS;
    if (engine->options.asks_for_ms == 0)
        engine->options.asks_for_ms = ASKS_FOR_MS;
    engine->epoll_fd = engine->wake_fd = engine->timer_fd = -1;
    engine->armed_ns = UINT64_MAX;
    engine->shrink_timer.kind = TIMER_SHRINK;
    engine->lasting_timer.kind = TIMER_LASTING;
    struct list *lists[] = {&engine->all_pools, &engine->hungry, &engine->unstarted,
                            &engine->draining,  &engine->ended,  &engine->lasting};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        list_init(lists[i]);
    pthread_mutexattr_t brief;
    require(pthread_mutexattr_init(&brief) == 0);
    // Held for microseconds: to spin a little costs less than two context switches.
    require(pthread_mutexattr_settype(&brief, PTHREAD_MUTEX_ADAPTIVE_NP) == 0);
    require(pthread_mutex_init(&engine->lock, &brief) == 0);
    require(pthread_mutexattr_destroy(&brief) == 0);
    require(pthread_mutex_init(&engine->swap_lock, NULL) == 0);
    if (!start_ahead(engine, options, err) || !allocate(engine, options, err) || !open_events(engine, err)) {
        release(engine);
        return NULL;
    }
    return engine;
}

// Lock held.
static void end_pool(struct engine *engine, struct pool *pool)
{
    struct zygote *zygote;
    list_each(zygote, &pool->zygotes, link)
    {
        struct worker *worker;
        list_each(worker, &zygote->workers, link) if (worker->run != NULL) worker->run->cancelled = true;
        zygote_end(engine, zygote, "the engine stopped");
    }
    struct ticket *ticket;
    while ((ticket = admission_any_waiting(&engine->admission, &pool->gate)) != NULL) {
        struct run *run = list_item(ticket, struct run, ticket);
        run->cancelled = true;
        run_end(engine, run, "the engine stopped");
    }
    deadlines_clear(&engine->deadlines, &pool->timer);
}

static void reap_pool(struct pool *pool)
{
    struct zygote *zygote;
    list_each(zygote, &pool->zygotes, link)
    {
        zygote_reap(zygote, true);
        list_remove(&zygote->link);
        zygote_free(zygote);
    }
    pool_free(pool);
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    engine_lock(engine);
    engine->refusing = true;
    engine->in_turn = true;
    struct pool *pool;
    list_each(pool, &engine->all_pools, link) end_pool(engine, pool);
    engine_unlock(engine);
    struct run *run;
    list_each(run, &engine->ended, ended)
    {
        list_remove(&run->ended);
        run_answer(engine, run);
    }
    list_each(pool, &engine->all_pools, link)
    {
        list_remove(&pool->link);
        reap_pool(pool);
    }
    engine_lock(engine);
    engine_tell_notes(engine);
    engine_unlock(engine);
    release(engine);
}

void engine_stop(struct engine *engine)
{
    atomic_store_explicit(&engine->stopping, true, memory_order_release);
    ring(engine);
}

void engine_refuse_new(struct engine *engine)
{
    engine_lock(engine);
    engine->refusing = true;
    engine_unlock(engine);
}
