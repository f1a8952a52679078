// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/judge.h"

#include "base/require.h"
#include "tests/fuzz/lua/shape.h"

#include <stdio.h>
#include <stdlib.h>

enum { MINIMIZE_TRIES = 3 };

static const char probe[] = "-- fuzz: wall_ms=60000 cpu_ms=5000\nreturn 2 + 3";

void judgement_begin(struct judgement *judgement, struct live *live, struct bytes program)
{
    struct program_settings settings;
    program_settings_read(program, &settings);
    judgement->program = program;
    judgement->count = live->policies[settings.policy]->deterministic && !settings.cancel ? 2 : 1;
    for (unsigned i = 0; i < judgement->count; i++)
        trial_begin(&judgement->trials[i], live, program);
}

static bool service_goes_on(struct live *live, char why[WHY_SIZE])
{
    if (atomic_load(&live->deaths) > 0) {
        snprintf(why, WHY_SIZE, "a zygote or idle worker died: %.400s", live->death);
        return false;
    }
    return true;
}

// Whatever ran before, a worker after it gives a right answer.
static bool next_run_works(struct live *live, char why[WHY_SIZE])
{
    struct trial trial;
    trial_begin(&trial, live, bytes_of_text(probe));
    trial_wait(&trial);
    bool good = trial.ending.outcome == OUTCOME_OK &&
                bytes_equal_text(bytes_of(trial.ending.output.data, trial.ending.output.length), "5");
    trial_end(&trial);
    if (!good)
        snprintf(why, WHY_SIZE, "the next run did not work");
    return good;
}

bool judgement_end(struct judgement *judgement, bool validate, char why[WHY_SIZE])
{
    struct trial *trials = judgement->trials;
    struct live *live = trials[0].live;
    bool good = true;
    for (unsigned i = 0; i < judgement->count; i++) {
        trial_wait(&trials[i]);
        good = good && trial_is_sound(&trials[i], why);
    }
    good = good && (judgement->count == 1 || trials_are_same(&trials[0], &trials[1], why));
    if (good && validate)
        good = trial_agrees_with_validator(&trials[0], why) && next_run_works(live, why);
    good = good && service_goes_on(live, why);
    for (unsigned i = 0; i < judgement->count; i++)
        trial_end(&trials[i]);
    return good;
}

bool judge(struct live *live, struct bytes program, char why[WHY_SIZE])
{
    struct judgement judgement;
    judgement_begin(&judgement, live, program);
    return judgement_end(&judgement, true, why);
}

static bool still_wrong(struct live *live, struct bytes program)
{
    char why[WHY_SIZE];
    for (unsigned i = 0; i < MINIMIZE_TRIES; i++)
        if (!judge(live, program, why))
            return true;
    return false;
}

// `text` without what one of its spans covers, for the first span from `index` on that can go. False: none
// can.
static bool drop_one(struct live *live, struct bytes first_line, struct shape *shape, unsigned *index,
                     struct buffer *out)
{
    struct bytes text = shape->text;
    for (; *index < shape->count; ++*index) {
        const struct span *span = &shape->spans[shape->count - 1 - *index]; // outer ones come last
        if (span->kind == SPAN_NAME)
            continue;
        buffer_clear(out);
        buffer_append(out, first_line.data, first_line.length);
        buffer_append(out, text.data, span->from);
        buffer_append_text(out, span->kind == SPAN_EXPRESSION && span->to - span->from > 3 ? "nil" : "");
        buffer_append(out, text.data + span->to, text.length - span->to);
        if (still_wrong(live, bytes_of(out->data, out->length)))
            return true;
    }
    return false;
}

void judge_minimize(struct live *live, struct bytes program, struct buffer *out)
{
    struct shape *shape = calloc(1, sizeof *shape);
    require(shape != NULL);
    struct buffer texts[2] = {buffer_make(PROGRAM_BYTES_MAX * 2), buffer_make(PROGRAM_BYTES_MAX * 2)};
    struct bytes best = program;
    unsigned index = 0;
    for (unsigned turn = 0;; turn++) {
        struct program_settings settings;
        struct bytes source = program_settings_read(best, &settings);
        struct bytes first_line = bytes_of(best.data, best.length - source.length);
        shape_read(shape, source);
        if (!drop_one(live, first_line, shape, &index, &texts[turn % 2]))
            break;
        best = bytes_of(texts[turn % 2].data, texts[turn % 2].length);
    }
    buffer_append(out, best.data, best.length);
    buffer_free(&texts[0]);
    buffer_free(&texts[1]);
    free(shape);
}
