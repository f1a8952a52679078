// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/attend.h"

#include "runtime/engine/runs.h"
#include "runtime/engine/zygote_packets.h"

#include <poll.h>

void attend_forget_run(struct engine *engine, const struct run *run)
{
    if (engine->attended.run == run)
        engine->attended.run = NULL;
}

void attend_forget_zygote(struct engine *engine, const struct zygote *zygote)
{
    if (engine->attended.zygote == zygote)
        engine->attended.zygote = NULL;
}

static bool has_one_run(const struct engine *engine)
{
    return gauge_read(&engine->admission.running) == 1 && gauge_read(&engine->admission.waiting) == 0;
}

// Lock held. From now on the serving thread does not hear this run's zygote. False where more may happen than
// that the run ends.
static bool begin(struct engine *engine, const char *run_id)
{
    struct id_entry *entry = id_map_find(&engine->runs, run_id);
    if (entry == NULL || engine->attended.zygote != NULL)
        return false;
    struct run *run = list_item(entry, struct run, entry);
    if (run->stage != STAGE_YOUNG || !has_one_run(engine) || !zygote_mute(engine, run->worker->zygote))
        return false;
    engine->attended.run = run;
    engine->attended.zygote = run->worker->zygote;
    return true;
}

// Lock held. Takes the run's exit report, and the run itself from those that the serving thread answers. It
// sleeps, so that nobody but this thread knows of the run or its worker; and while the run is young, no event
// can be on its way that points to it.
static struct run *take_end(struct engine *engine)
{
    struct run *run = engine->attended.run;
    struct zygote *zygote = engine->attended.zygote;
    if (run == NULL || run->stage != STAGE_YOUNG || engine->in_turn || zygote->state != ZYGOTE_IS_LIVE)
        return NULL;
    engine->in_turn = true; // it need not wake up for what is done here
    bool taken = zygote_take_exit(engine, zygote, run->worker);
    engine->in_turn = false;
    if (!taken || run->stage != STAGE_ENDED)
        return NULL;
    list_remove(&run->ended);
    return run;
}

// Lock held. The serving thread goes on from here.
static void end(struct engine *engine)
{
    if (engine->attended.zygote != NULL)
        zygote_unmute(engine, engine->attended.zygote);
    engine->attended.zygote = NULL;
    engine->attended.run = NULL;
    if (engine_has_work(engine))
        engine_wake(engine);
}

bool engine_attend(struct engine *engine, const char *run_id, const int *others, unsigned count)
{
    // Asked without the lock first: with many runs, many threads would want it once more for each, in vain.
    if (count > ENGINE_OTHERS_MAX || !has_one_run(engine))
        return false;
    struct pollfd wanted[1 + ENGINE_OTHERS_MAX];
    for (unsigned i = 0; i < count; i++)
        wanted[1 + i] = (struct pollfd){.fd = others[i], .events = POLLIN};
    engine_lock(engine);
    bool begun = begin(engine, run_id);
    // Should the zygote end meanwhile, this descriptor may be another's; then it is no more than looked at.
    wanted[0] = (struct pollfd){.fd = begun ? engine->attended.zygote->control : -1, .events = POLLIN};
    engine_unlock(engine);
    if (!begun)
        return false;
    int ready = poll(wanted, 1 + count, WATCH_AFTER_MS);
    engine_lock(engine);
    struct run *run = ready > 0 && wanted[0].revents != 0 ? take_end(engine) : NULL;
    end(engine);
    engine_unlock(engine);
    if (run != NULL)
        run_answer(engine, run);
    return run != NULL;
}
