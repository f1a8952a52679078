// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/dispatch.h"

#include "base/clock.h"
#include "runtime/engine/lasting_runs.h"
#include "runtime/engine/pool.h"
#include "runtime/engine/runs.h"
#include "runtime/engine/workers.h"
#include "runtime/engine/zygote_life.h"
#include "runtime/engine/zygote_packets.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { READ_PER_TURN = 256 * 1024, RUNS_PER_SHARE = 4 };

static bool watch(struct engine *engine, struct run *run, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = &run->source};
    int operation = run->in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(engine->epoll_fd, operation, run->socket, &event) != 0)
        return false;
    run->in_epoll = true;
    return true;
}

void dispatch_unwatch(struct engine *engine, struct run *run)
{
    if (run->in_epoll)
        epoll_ctl(engine->epoll_fd, EPOLL_CTL_DEL, run->socket, NULL);
    run->in_epoll = false;
}

// Writes as much of the job as the socket takes. False if the worker is gone.
static bool send_job(struct run *run)
{
    while (run->job_sent < run->job.length) {
        ssize_t count = send(run->socket, run->job.data + run->job_sent, run->job.length - run->job_sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno == EAGAIN;
        run->job_sent += (size_t)count;
    }
    return true;
}

static bool job_is_sent(const struct run *run)
{
    return run->job_sent == run->job.length;
}

// When a run counts as older than so many milliseconds. The more run at once, the longer each takes, and the
// less a millisecond matters.
static uint64_t older_at_ns(const struct engine *engine, const struct run *run, uint64_t age_ms)
{
    uint64_t shares = 1 + gauge_read(&engine->admission.running) / RUNS_PER_SHARE;
    uint64_t at_ns = run->dispatched_ns + shares * age_ms * NS_PER_MS;
    return at_ns < run->deadline_ns ? at_ns : run->deadline_ns;
}

// The CPU time after which its worker is not left to tell of its limit itself.
static uint64_t cpu_ms_at_most(const struct engine *engine, const struct run *run)
{
    return run->limits.limits.value[LIMIT_CPU_MS] + engine->options.grace_ms;
}

// When a run counts as one that lasts: before it can have used up its CPU time, in any case.
static uint64_t lasting_at_ns(const struct engine *engine, const struct run *run)
{
    uint64_t at_ns = older_at_ns(engine, run, LASTING_AFTER_MS);
    uint64_t used_up_ns = run->dispatched_ns + cpu_ms_at_most(engine, run) * NS_PER_MS;
    return at_ns < used_up_ns ? at_ns : used_up_ns;
}

// What comes next for a run that nothing else happens to.
static void await_age(struct engine *engine, struct run *run)
{
    uint64_t at_ns = run->deadline_ns;
    if (run->stage == STAGE_YOUNG)
        at_ns = older_at_ns(engine, run, WATCH_AFTER_MS);
    else if (run->stage == STAGE_WATCHED)
        at_ns = lasting_at_ns(engine, run);
    deadlines_set(&engine->deadlines, &run->timer, at_ns);
}

// Gives one run a worker. False if that worker was dead already: nothing of the plugin was run.
static bool start_run(struct engine *engine, struct run *run, struct worker *worker)
{
    run->taken_ns = clock_monotonic_ns();
    run->socket = worker->socket;
    run->job_sent = 0;
    if (!send_job(run)) {
        run->socket = -1;
        return false;
    }
    worker->socket = -1;
    worker->run = run;
    run->worker = worker;
    run->stage = STAGE_YOUNG;
    run->dispatched_ns = clock_monotonic_ns();
    uint64_t allowed_ms = run->limits.limits.value[LIMIT_WALL_MS] + engine->options.grace_ms;
    run->deadline_ns = run->dispatched_ns + allowed_ms * NS_PER_MS;
    // A job that does not fit is no short run; and if epoll has no room, the timer tries again.
    if (!job_is_sent(run) && watch(engine, run, EPOLLIN | EPOLLOUT))
        run->stage = STAGE_WATCHED;
    await_age(engine, run);
    worker->zygote->runs++;
    worker->zygote->busy++;
    engine_note_run(engine, EVENT_RUN_STARTED, run, "waited %llu us, %u idle workers left",
                    (unsigned long long)(run->taken_ns - run->submitted_ns) / NS_PER_US,
                    run->pool->gate.idle);
    pool_check_worn(engine, run->pool);
    return true;
}

void dispatch_waiting(struct engine *engine)
{
    struct ticket *ticket;
    while ((ticket = admission_next(&engine->admission)) != NULL) {
        struct run *run = list_item(ticket, struct run, ticket);
        struct pool *pool = run->pool;
        struct worker *worker = worker_take_idle(pool);
        if (worker == NULL || !start_run(engine, run, worker)) {
            // Nothing was run, and its exit report is on its way; the run takes the next one.
            if (worker != NULL) {
                worker_send_away(engine, worker);
                gauge_add(&engine->workers_lost, 1);
                pool->losses++;
            }
            run_retry(engine, run);
        }
        pool_note_use(engine, pool);
    }
    engine_arm(engine);
}

void dispatch_kill(struct engine *engine, struct run *run)
{
    if (run->stage == STAGE_KILLED)
        return;
    run->stage = STAGE_KILLED;
    engine_note_run(engine, EVENT_WORKER_KILLED, run, "%s",
                    run->cancelled         ? "cancelled"
                    : run->deadline_passed ? "it went on past its wall limit and the grace after it"
                    : run->hung_up         ? "it closed its socket and did not end"
                                           : "it said what the protocol forbids");
    deadlines_set(&engine->deadlines, &run->timer,
                  clock_monotonic_ns() + engine->options.zygote_patience_ms * NS_PER_MS);
    zygote_kill_worker(engine, run->worker);
    engine_arm(engine);
}

static void begin_to_last(struct engine *engine, struct run *run)
{
    run->stage = STAGE_LASTING;
    zygote_bound_worker(engine, run->worker, (uint32_t)cpu_ms_at_most(engine, run));
    if (engine->options.lasting_give_way)
        lasting_begin(engine, run);
    await_age(engine, run);
}

// Where epoll has no room, at twice the run's age again. A run whose worker could not be heard by its
// deadline may have said anything, or not have its whole job: that is not the plugin's doing.
static void begin_to_watch(struct engine *engine, struct run *run)
{
    if (watch(engine, run, job_is_sent(run) ? EPOLLIN : EPOLLIN | EPOLLOUT)) {
        run->unwatched = false;
        run->stage = STAGE_WATCHED;
        await_age(engine, run);
        return;
    }
    if (!run->unwatched)
        engine_note(engine, EVENT_WORKER_LOST, run->pool, "cannot watch a worker's socket: %s",
                    strerror(errno));
    run->unwatched = true;
    uint64_t now_ns = clock_monotonic_ns(), again_ns = now_ns + (now_ns - run->dispatched_ns);
    run->deadline_passed = now_ns >= run->deadline_ns;
    if (run->deadline_passed)
        dispatch_kill(engine, run);
    else
        deadlines_set(&engine->deadlines, &run->timer,
                      again_ns < run->deadline_ns ? again_ns : run->deadline_ns);
}

void dispatch_on_timer(struct engine *engine, struct run *run)
{
    switch (run->stage) {
    case STAGE_YOUNG:
        begin_to_watch(engine, run);
        break;
    case STAGE_WATCHED:
    case STAGE_LASTING:
    case STAGE_LEAVING:
        run->deadline_passed = clock_monotonic_ns() >= run->deadline_ns;
        run->hung_up = run->stage == STAGE_LEAVING;
        if (run->stage == STAGE_WATCHED && !run->deadline_passed)
            begin_to_last(engine, run);
        else
            dispatch_kill(engine, run);
        break;
    case STAGE_KILLED:
        // SIGKILL needs no help from the worker, so it is the zygote that hangs.
        zygote_fail(engine, run->worker->zygote, "the zygote did not report the end of a killed worker");
        break;
    case STAGE_WAITING:
    case STAGE_ENDED:
        break;
    }
}

// Whatever the worker said is said. If no exit report follows, it hangs, or its zygote does.
static void await_exit(struct engine *engine, struct run *run)
{
    if (run->stage != STAGE_WATCHED && run->stage != STAGE_LASTING)
        return;
    run->stage = STAGE_LEAVING;
    // Killing changes nothing for a worker that is on its way out; it is the zygote that has to answer then.
    uint64_t at_ns = clock_monotonic_ns() + engine->options.grace_ms * NS_PER_MS;
    deadlines_set(&engine->deadlines, &run->timer, at_ns < run->deadline_ns ? at_ns : run->deadline_ns);
}

void dispatch_on_worker(struct engine *engine, struct run *run, uint32_t events)
{
    if ((events & EPOLLOUT) != 0 && !job_is_sent(run)) {
        engine_lock(engine);
        if (run->in_epoll && send_job(run) && job_is_sent(run))
            watch(engine, run, EPOLLIN);
        engine_unlock(engine);
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
        return;
    worker_io_drain(&run->io, run->socket, READ_PER_TURN);
    bool given_up = worker_io_given_up(&run->io);
    if (!given_up && !run->io.closed)
        return;
    engine_lock(engine);
    dispatch_unwatch(engine, run);
    if (given_up)
        dispatch_kill(engine, run);
    else
        await_exit(engine, run);
    engine_unlock(engine);
}
