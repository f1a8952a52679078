// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/lasting_runs.h"

#include "base/clock.h"
#include "runtime/engine/lasting.h"
#include "runtime/engine/zygote_packets.h"

// While runs are kept off: how often it is looked whether anybody asks still, within the time that one
// counts.
enum { LOOKS = 4 };

static void keep_off(struct engine *engine, struct run *run, bool off)
{
    if (run->kept_off == off)
        return;
    run->kept_off = off;
    if (off)
        engine->kept_off++;
    else
        engine->kept_off--;
}

static void look_again_later(struct engine *engine, uint64_t now_ns)
{
    if (engine->kept_off > 0 && engine->lasting_timer.position == 0)
        deadlines_set(&engine->deadlines, &engine->lasting_timer,
                      now_ns + engine->options.asks_for_ms * NS_PER_MS / LOOKS);
}

bool lasting_spares_cores(const struct engine *engine)
{
    uint64_t running = gauge_read(&engine->admission.running);
    return engine->kept_off > 0 &&
           lasting_has_room(engine->options.kept_cores, running - engine->lasting_count);
}

// Whether this run has to leave cores to others by now.
static bool has_others(const struct engine *engine, const struct run *run, uint64_t now_ns)
{
    return engine->options.kept_cores > 0 && askers_besides(&engine->askers, admission_tenant(&run->ticket),
                                                            now_ns, engine->options.asks_for_ms * NS_PER_MS);
}

static void look_at_all(struct engine *engine, uint64_t now_ns)
{
    struct run *run;
    list_each(run, &engine->lasting, lasting)
    {
        bool off = has_others(engine, run, now_ns);
        if (off == run->kept_off)
            continue;
        keep_off(engine, run, off);
        zygote_keep_worker_off(engine, run->worker, off);
    }
    look_again_later(engine, now_ns);
}

void lasting_begin(struct engine *engine, struct run *run)
{
    uint64_t now_ns = clock_monotonic_ns();
    list_add_last(&engine->lasting, &run->lasting);
    engine->lasting_count++;
    keep_off(engine, run, has_others(engine, run, now_ns));
    zygote_lower_worker(engine, run->worker, lasting_nice(admission_note_lasting(&run->ticket)),
                        run->kept_off);
    look_again_later(engine, now_ns);
}

void lasting_forget(struct engine *engine, struct run *run)
{
    if (list_empty(&run->lasting))
        return;
    list_remove(&run->lasting);
    engine->lasting_count--;
    keep_off(engine, run, false);
}

void lasting_end(struct engine *engine, struct run *run)
{
    if (!list_empty(&run->lasting)) {
        lasting_forget(engine, run);
        return;
    }
    uint64_t now_ns = clock_monotonic_ns();
    askers_note(&engine->askers, admission_tenant(&run->ticket), now_ns);
    // Mostly nothing lasts, or all of it is kept off already.
    if (engine->kept_off < engine->lasting_count)
        look_at_all(engine, now_ns);
}

void lasting_on_timer(struct engine *engine)
{
    look_at_all(engine, clock_monotonic_ns());
}
