// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/runs.h"

#include "base/clock.h"
#include "base/require.h"
#include "runtime/engine/attend.h"
#include "runtime/engine/dispatch.h"
#include "runtime/engine/lasting_runs.h"
#include "runtime/engine/pool.h"
#include "runtime/engine/validator_pool.h"
#include "runtime/protocol/worker_memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOB_SLACK = 65536 };

static bool encode_job(struct run *run, const struct run_request *request)
{
    struct job job = {
        .kind = request->kind,
        .run_id = bytes_of_text(run->run_id),
        .limits = request->limits.limits,
        .seed = request->seed,
        .count_instructions = request->count_instructions,
        .profile = request->profile,
        .coverage = request->coverage,
        .module_count = request->module_count,
        .context = request->context,
    };
    require(request->module_count >= 1 && request->module_count <= MODULES_MAX);
    size_t size = JOB_SLACK + request->context.length;
    for (uint32_t i = 0; i < request->module_count; i++) {
        job.modules[i] = request->modules[i];
        size += request->modules[i].name.length + request->modules[i].code.length;
    }
    run->job = buffer_make(size);
    job_encode(&run->job, &job);
    return buffer_ok(&run->job);
}

struct run *run_new(const struct run_request *request)
{
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return NULL;
    run->source.kind = SOURCE_WORKER;
    run->timer.kind = TIMER_RUN;
    run->socket = -1;
    list_init(&run->ended);
    list_init(&run->lasting);
    list_init(&run->ticket.link);
    memcpy(run->run_id, request->run_id, sizeof run->run_id);
    run->run_id[RUN_ID_SIZE] = '\0';
    run->limits = request->limits;
    run->profile = request->profile && request->kind == JOB_RUN;
    run->coverage = request->coverage && request->kind == JOB_RUN;
    run->done = request->done;
    run->log = request->log;
    run->user = request->user;
    if (!encode_job(run, request)) {
        run_free(run);
        return NULL;
    }
    return run;
}

void run_free(struct run *run)
{
    if (run->socket >= 0)
        close(run->socket);
    worker_io_deinit(&run->io);
    buffer_free(&run->job);
    policy_unref(run->policy);
    free(run);
}

void run_end(struct engine *engine, struct run *run, const char *host_failure)
{
    require(run->stage != STAGE_ENDED);
    attend_forget_run(engine, run);
    if (run->stage != STAGE_WAITING) {
        run->pool->losses = 0;
        run->pool->spawn_failures = 0;
        lasting_end(engine, run);
    }
    dispatch_unwatch(engine, run);
    deadlines_clear(&engine->deadlines, &run->timer);
    id_map_remove(&engine->runs, &run->entry);
    admission_leave(&engine->admission, &run->ticket);
    run->stage = STAGE_ENDED;
    run->host_failure = host_failure;
    run->ended_ns = clock_monotonic_ns();
    run->pool = NULL;
    list_add_last(&engine->ended, &run->ended);
    engine_wake(engine);
}

static void listen_anew(struct run *run)
{
    const struct worker_io_rules rules = {
        .audit = run->policy->seccomp_mode == SECCOMP_MODE_AUDIT_CALLS,
        .profile = run->profile,
        .coverage = run->coverage,
    };
    worker_io_deinit(&run->io);
    worker_io_init(&run->io, &run->limits.limits, &rules);
    run->io.log = run->log;
    run->io.user = run->user;
}

void run_retry(struct engine *engine, struct run *run)
{
    attend_forget_run(engine, run);
    dispatch_unwatch(engine, run);
    deadlines_clear(&engine->deadlines, &run->timer);
    lasting_forget(engine, run);
    if (run->socket >= 0)
        close(run->socket);
    run->socket = -1;
    run->job_sent = 0;
    // It waits as if it had not been handed to anybody: nobody ran it, so nothing of that counts or costs.
    run->taken_ns = run->dispatched_ns = 0;
    run->exit = (struct worker_exit){0};
    run->stage = STAGE_WAITING;
    listen_anew(run); // the end of a worker that never was may have been heard already
    if (run->cancelled || run->deadline_passed || ++run->attempts >= DISPATCH_ATTEMPTS_MAX)
        run_end(engine, run, "no worker could be had");
    else
        admission_return(&engine->admission, &run->ticket);
}

// What could take more than the whole budget runs alone, unless its limit says that it does not fit.
static uint64_t charge_of(const struct engine *engine, const struct run *run)
{
    uint64_t budget = engine->options.memory_budget_bytes;
    uint64_t limit = run->limits.limits.value[LIMIT_MEMORY_BYTES];
    uint64_t charge = worker_memory_max(&run->limits.limits, run->job.length, run->profile);
    return limit > budget ? limit : charge < budget ? charge : budget;
}

// Lock held.
static enum admission find_pool(struct engine *engine, const struct run_request *request,
                                struct pool **ret_pool)
{
    if (request->kind == JOB_VALIDATE) {
        *ret_pool = validator_pool(engine);
        if (*ret_pool == NULL)
            return REFUSED_OUT_OF_MEMORY;
        return validator_pool_has_room(*ret_pool) ? ADMITTED : REFUSED_QUEUE_FULL;
    }
    struct id_entry *entry = id_map_find(&engine->pools, request->policy->name);
    if (entry == NULL)
        return REFUSED_NO_POLICY;
    *ret_pool = list_item(entry, struct pool, entry);
    // Limits of one version under the name of another would be a result that nobody allowed.
    bool same = strcmp((*ret_pool)->policy->version, request->policy->version) == 0;
    return same ? ADMITTED : REFUSED_OTHER_VERSION;
}

// Lock held.
static enum admission enter(struct engine *engine, struct run *run, const struct run_request *request)
{
    if (engine->refusing)
        return REFUSED_STOPPING;
    struct pool *pool = NULL;
    enum admission found = find_pool(engine, request, &pool);
    if (found != ADMITTED)
        return found;
    if (pool->down)
        return REFUSED_POLICY_DOWN;
    run->ticket.weight = request->weight;
    enum admission admission = admission_enter(&engine->admission, &run->ticket, request->tenant, &pool->gate,
                                               charge_of(engine, run));
    if (admission != ADMITTED)
        return admission;
    run->pool = pool;
    run->policy = policy_ref(pool->policy);
    listen_anew(run);
    run->submitted_ns = clock_monotonic_ns();
    id_map_add(&engine->runs, &run->entry, run->run_id);
    dispatch_waiting(engine);
    if (run->stage == STAGE_WAITING) {
        run->cold_start = pool->gate.idle == 0;
        engine_note_run(engine, EVENT_RUN_WAITS, run, "with %u of its policy; %u idle workers, %u runs",
                        pool->gate.waiting, pool->gate.idle, pool->gate.running);
        pool_note_use(engine, pool);
    }
    return ADMITTED;
}

enum admission engine_submit(struct engine *engine, const struct run_request *request)
{
    struct run *run = run_new(request);
    if (run == NULL)
        return REFUSED_OUT_OF_MEMORY;
    engine_lock(engine);
    enum admission admission = enter(engine, run, request);
    engine_unlock(engine);
    if (admission != ADMITTED)
        run_free(run);
    return admission;
}

// Lock held.
static void cancel(struct engine *engine, struct run *run)
{
    run->cancelled = true;
    if (run->stage == STAGE_WAITING)
        run_end(engine, run, "cancelled before it began");
    else
        dispatch_kill(engine, run);
}

bool engine_cancel(struct engine *engine, const char *run_id)
{
    engine_lock(engine);
    struct id_entry *entry = id_map_find(&engine->runs, run_id);
    if (entry != NULL)
        cancel(engine, list_item(entry, struct run, entry));
    engine_unlock(engine);
    return entry != NULL;
}

void engine_cancel_all(struct engine *engine)
{
    engine_lock(engine);
    struct pool *pool;
    list_each(pool, &engine->all_pools, link)
    {
        struct ticket *ticket;
        while ((ticket = admission_any_waiting(&engine->admission, &pool->gate)) != NULL)
            cancel(engine, list_item(ticket, struct run, ticket));
        struct zygote *zygote;
        list_each(zygote, &pool->zygotes, link)
        {
            struct worker *worker;
            list_each(worker, &zygote->workers, link) if (worker->run != NULL) cancel(engine, worker->run);
        }
    }
    engine_unlock(engine);
}
