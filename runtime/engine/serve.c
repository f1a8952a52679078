// SPDX-License-Identifier: Apache-2.0
// The engine's loop. One turn: wait; hear workers; hear zygotes; do what is due; answer ended runs; ask for
// new workers and zygotes. Workers come first, so that no event of a turn points to a run that the turn has
// already answered.
#include "base/clock.h"
#include "base/require.h"
#include "runtime/engine/dispatch.h"
#include "runtime/engine/lasting_runs.h"
#include "runtime/engine/pool.h"
#include "runtime/engine/runs.h"
#include "runtime/engine/zygote_life.h"
#include "runtime/engine/zygote_packets.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_MAX = 64 };

static void hear(struct engine *engine, const struct epoll_event *event)
{
    struct source *source = event->data.ptr;
    uint64_t count;
    switch (source->kind) {
    case SOURCE_WORKER:
        dispatch_on_worker(engine, list_item(source, struct run, source), event->events);
        break;
    case SOURCE_CONTROL:
        zygote_on_control(engine, list_item(source, struct zygote, control_source), event->events);
        break;
    case SOURCE_WAKE:
        // Only its being readable matters; what it counts does not.
        (void)!read(engine->wake_fd, &count, sizeof count);
        break;
    case SOURCE_TIMER:
        (void)!read(engine->timer_fd, &count, sizeof count);
        engine_lock(engine);
        engine->armed_ns = UINT64_MAX;
        engine_unlock(engine);
        break;
    case SOURCE_PROCESS:
        engine_lock(engine);
        zygote_on_process(engine, list_item(source, struct zygote, process_source));
        engine_unlock(engine);
        break;
    }
}

static void hear_all(struct engine *engine, const struct epoll_event *events, int count)
{
    // A zygote's last packets are taken before its death is.
    static const enum source_kind order[] = {SOURCE_WORKER, SOURCE_WAKE, SOURCE_TIMER, SOURCE_CONTROL,
                                             SOURCE_PROCESS};
    // Asked before anything is heard: a zygote whose death is heard is freed, and its control socket may have
    // an event in the same turn.
    enum source_kind kinds[EVENTS_MAX];
    for (int i = 0; i < count; i++)
        kinds[i] = ((struct source *)events[i].data.ptr)->kind;
    for (size_t pass = 0; pass < sizeof order / sizeof *order; pass++)
        for (int i = 0; i < count; i++)
            if (kinds[i] == order[pass])
                hear(engine, &events[i]);
}

static void shrink_pools(struct engine *engine)
{
    bool above = false;
    struct pool *pool;
    list_each(pool, &engine->all_pools, link)
    {
        above |= pool_shrink(engine, pool);
    }
    if (above)
        deadlines_set(&engine->deadlines, &engine->shrink_timer,
                      clock_monotonic_ns() + SHRINK_EVERY_MS * NS_PER_MS);
}

// Lock held.
static void do_what_is_due(struct engine *engine)
{
    struct timer *timer;
    while ((timer = deadlines_take_due(&engine->deadlines, clock_monotonic_ns())) != NULL) {
        switch (timer->kind) {
        case TIMER_RUN:
            dispatch_on_timer(engine, list_item(timer, struct run, timer));
            break;
        case TIMER_POOL:
            pool_on_timer(engine, list_item(timer, struct pool, timer));
            break;
        case TIMER_SHRINK:
            shrink_pools(engine);
            break;
        case TIMER_LASTING:
            lasting_on_timer(engine);
            break;
        }
    }
}

// Lock held, given up while callbacks run.
static void answer_ended(struct engine *engine)
{
    if (list_empty(&engine->ended))
        return;
    struct list ended;
    list_move_all(&engine->ended, &ended);
    engine_unlock(engine);
    struct run *run;
    list_each(run, &ended, ended) run_answer(engine, run);
    engine_lock(engine);
}

// Lock held, given up while a zygote is started or asked.
static void start_and_refill(struct engine *engine)
{
    while (!list_empty(&engine->unstarted)) {
        struct pool *pool = list_first(&engine->unstarted, struct pool, unstarted);
        list_remove(&pool->unstarted);
        engine_unlock(engine);
        pool_start_zygote(engine, pool);
        engine_lock(engine);
    }
    while (!list_empty(&engine->hungry)) {
        struct pool *pool = list_first(&engine->hungry, struct pool, hungry);
        list_remove(&pool->hungry);
        engine_unlock(engine);
        pool_refill(engine, pool);
        engine_lock(engine);
    }
    engine->drain_asked = false;
    struct list *link = engine->draining.next;
    while (link != &engine->draining) {
        struct pool *pool = list_item(link, struct pool, draining_link);
        link = link->next;
        pool_check_drained(engine, pool);
    }
}

bool engine_has_work(const struct engine *engine)
{
    return !list_empty(&engine->ended) || !list_empty(&engine->unstarted) || !list_empty(&engine->hungry) ||
           engine->drain_asked || engine->note_count > 0;
}

void engine_step(struct engine *engine, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(engine->epoll_fd, events, EVENTS_MAX, timeout_ms);
    require(count >= 0 || errno == EINTR);
    engine_lock(engine);
    engine->in_turn = true;
    engine_unlock(engine);
    hear_all(engine, events, count);
    engine_lock(engine);
    do_what_is_due(engine);
    do {
        answer_ended(engine);
        start_and_refill(engine);
        engine_tell_notes(engine);
    } while (engine_has_work(engine));
    engine_arm(engine);
    engine->in_turn = false;
    engine_unlock(engine);
}

void engine_serve(struct engine *engine)
{
    while (!atomic_load_explicit(&engine->stopping, memory_order_acquire))
        engine_step(engine, -1);
    atomic_store(&engine->stopping, false);
}
