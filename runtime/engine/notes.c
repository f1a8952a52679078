// SPDX-License-Identifier: Apache-2.0
// What is told to the administrator: gathered under the lock, told without it. Any thread gathers; the
// serving one tells, at the end of a turn.
#include "runtime/engine/engine_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_wanted(const struct engine *engine, enum engine_event event)
{
    const struct engine_options *options = &engine->options;
    if (options->event == NULL)
        return false;
    return event < EVENT_DETAILS || (options->wants != NULL && options->wants(options->event_context, event));
}

static void add(struct engine *engine, enum engine_event event, const struct pool *pool, const char *run_id,
                const char *format, va_list args) __attribute__((format(printf, 5, 0)));
static void add(struct engine *engine, enum engine_event event, const struct pool *pool, const char *run_id,
                const char *format, va_list args)
{
    if (!is_wanted(engine, event))
        return;
    if (engine->note_count == NOTES_MAX) {
        engine->notes_lost++;
        return;
    }
    struct engine_note *note = &engine->notes[(engine->first_note + engine->note_count++) % NOTES_MAX];
    note->event = event;
    snprintf(note->policy, sizeof note->policy, "%s", pool->policy->name);
    snprintf(note->run_id, sizeof note->run_id, "%s", run_id);
    vsnprintf(note->text, sizeof note->text, format, args);
    engine_wake(engine);
}

void engine_note(struct engine *engine, enum engine_event event, const struct pool *pool, const char *format,
                 ...)
{
    va_list args;
    va_start(args, format);
    add(engine, event, pool, "", format, args);
    va_end(args);
}

void engine_note_run(struct engine *engine, enum engine_event event, const struct run *run,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(engine, event, run->pool, run->run_id, format, args);
    va_end(args);
}

static void tell(struct engine *engine, const struct engine_note *note)
{
    engine_unlock(engine);
    engine->options.event(engine->options.event_context, note);
    engine_lock(engine);
}

void engine_tell_notes(struct engine *engine)
{
    while (engine->note_count > 0) {
        struct engine_note note = engine->notes[engine->first_note];
        engine->first_note = (engine->first_note + 1) % NOTES_MAX;
        engine->note_count--;
        tell(engine, &note);
    }
    if (engine->notes_lost == 0)
        return;
    struct engine_note lost = {.event = EVENT_NOTES_LOST};
    snprintf(lost.text, sizeof lost.text, "%u events came too fast to be told", engine->notes_lost);
    engine->notes_lost = 0;
    tell(engine, &lost);
}
