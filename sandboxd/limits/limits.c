// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/limits/limits.h"

#include "base/clock.h"
#include "sandboxd/limits/marks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const scope_names[LIMIT_SCOPE_COUNT] = {
    [SCOPE_KEY] = "key", [SCOPE_TENANT] = "tenant", [SCOPE_GLOBAL] = "global"};

const char *limit_scope_name(enum limit_scope scope)
{
    return scope_names[scope];
}

void limits_lock(struct limits *limits)
{
    pthread_mutex_lock(&limits->lock);
}

void limits_unlock(struct limits *limits)
{
    const struct quota_window *day = &limits->everybody->usage.window[QUOTA_COST_DAY];
    gauge_set(&limits->day_cost_micros, day->count);
    gauge_set(&limits->day_start_ms, (uint64_t)day->start_ms);
    pthread_mutex_unlock(&limits->lock);
}

struct limits *limits_open(struct store *store, struct logger *logger, struct error *err)
{
    struct limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL || !id_map_init(&limits->subjects)) {
        free(limits);
        error_set(err, ERROR_MEMORY, "no memory for the limits");
        return NULL;
    }
    limits->store = store;
    limits->logger = logger;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&limits->lock, NULL);
    pthread_cond_init(&limits->settled, &monotonic);
    pthread_condattr_destroy(&monotonic);
    limits->everybody = subject_get(&limits->subjects, SCOPE_GLOBAL, "", "");
    if (limits->everybody == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the limits");
    } else if (marks_read(limits, err)) {
        limits_lock(limits);
        limits_unlock(limits);
        return limits;
    }
    limits_close(limits);
    return NULL;
}

void limits_close(struct limits *limits)
{
    if (limits == NULL)
        return;
    marks_make_exact(limits);
    subjects_free(&limits->subjects);
    pthread_cond_destroy(&limits->settled);
    pthread_mutex_destroy(&limits->lock);
    free(limits);
}

void limits_forget(struct limits *limits, const char *tenant, const char *key)
{
    limits_lock(limits);
    subjects_forget(&limits->subjects, tenant, key);
    limits_unlock(limits);
    marks_drop(limits, tenant, key);
}

// --- taking

static uint64_t amount_of(const struct limit_wish *wish, enum quota_unit unit)
{
    return unit == QUOTA_COST_DAY || unit == QUOTA_COST_MONTH ? wish->cost_micros : 1;
}

// One limit of one subject that a wish is up against.
struct hurdle {
    struct subject *subject;
    enum quota_unit unit;
    uint64_t maximum, amount;
};

struct course {
    unsigned count;
    struct hurdle hurdle[LIMIT_SCOPE_COUNT * QUOTA_UNIT_COUNT];
};

// What may come back of it when the run ends.
static uint64_t returnable(uint64_t cost_micros, uint64_t least_micros)
{
    return cost_micros > least_micros ? cost_micros - least_micros : 0;
}

// Its subjects are in use until leave(). False if there is no memory.
static bool lay_out(struct limits *limits, const struct limit_wish *wish, struct course *ret_course)
{
    ret_course->count = 0;
    for (unsigned scope = 0; scope < LIMIT_SCOPE_COUNT; scope++) {
        if ((scope == SCOPE_KEY && wish->key[0] == '\0') ||
            (scope == SCOPE_TENANT && wish->tenant[0] == '\0'))
            continue;
        for (unsigned unit = 0; unit < QUOTA_UNIT_COUNT; unit++) {
            uint64_t maximum = wish->quotas[scope].maximum[unit];
            // What a tenant holds is counted without a limit too: one may come while it is held.
            bool held = scope != SCOPE_KEY && (QUOTA_RUNS & 1U << unit) != 0;
            if ((wish->units & 1U << unit) == 0 || (maximum == QUOTA_NONE && !held))
                continue;
            struct subject *subject =
                subject_get(&limits->subjects, (enum limit_scope)scope, wish->tenant, wish->key);
            if (subject == NULL)
                return false;
            subject->in_use++;
            ret_course->hurdle[ret_course->count++] = (struct hurdle){.subject = subject,
                                                                      .unit = (enum quota_unit)unit,
                                                                      .maximum = maximum,
                                                                      .amount = amount_of(wish, unit)};
        }
    }
    return true;
}

static void leave(struct limits *limits, const struct course *course)
{
    for (unsigned i = 0; i < course->count; i++) {
        struct subject *subject = course->hurdle[i].subject;
        subject->in_use--;
        subject_free_if_unneeded(&limits->subjects, subject);
    }
}

// Whether `a` leaves a smaller share than `b`.
static bool closer(const struct limit_state *a, const struct limit_state *b)
{
    return b->maximum == QUOTA_NONE ||
           (double)a->rest.remaining / (double)a->maximum < (double)b->rest.remaining / (double)b->maximum;
}

// True if everything fits. `ret_marks`: what the store has to know first.
static bool look_at_all(const struct course *course, const struct quota_clock *clock,
                        struct limit_state *ret_state, struct marks *ret_marks)
{
    struct limit_state refusing = {.maximum = QUOTA_NONE}, closest = {.maximum = QUOTA_NONE};
    for (unsigned i = 0; i < course->count; i++) {
        const struct hurdle *hurdle = &course->hurdle[i];
        struct limit_state state = {.scope = hurdle->subject->scope,
                                    .unit = hurdle->unit,
                                    .maximum = hurdle->maximum,
                                    .rest = quota_look(&hurdle->subject->usage, hurdle->unit, hurdle->maximum,
                                                       hurdle->amount, clock)};
        if (state.rest.wait_ms > refusing.rest.wait_ms)
            refusing = state;
        if (state.maximum == QUOTA_NONE)
            continue;
        if (closer(&state, &closest))
            closest = state;
        const struct quota_window *window = &hurdle->subject->usage.window[hurdle->unit];
        uint64_t wanted = window->count + hurdle->amount;
        if (!unit_is_marked(hurdle->unit) || wanted <= window->mark)
            continue;
        ret_marks->items[ret_marks->count++] = (struct mark){.subject = hurdle->subject,
                                                             .unit = hurdle->unit,
                                                             .window_ms = window->start_ms,
                                                             .mark = mark_beyond(wanted, hurdle->maximum),
                                                             .wanted = wanted};
    }
    bool fits = refusing.rest.wait_ms == 0;
    *ret_state = fits ? closest : refusing;
    return fits;
}

static void take_all(const struct limit_wish *wish, const struct course *course,
                     const struct quota_clock *clock, struct limit_state *state)
{
    for (unsigned i = 0; i < course->count; i++) {
        const struct hurdle *hurdle = &course->hurdle[i];
        quota_take(&hurdle->subject->usage, hurdle->unit, hurdle->maximum, hurdle->amount, clock);
        if (hurdle->unit == QUOTA_COST_DAY)
            hurdle->subject->usage.held_micros += returnable(wish->cost_micros, wish->least_micros);
        if (hurdle->unit == state->unit && hurdle->subject->scope == state->scope)
            state->rest.remaining -= hurdle->amount;
    }
}

// What should be set further before anybody has to wait for it.
static void write_near(struct limits *limits, const struct course *course)
{
    struct marks marks = {.count = 0};
    for (unsigned i = 0; i < course->count; i++) {
        const struct hurdle *hurdle = &course->hurdle[i];
        struct quota_window *window = &hurdle->subject->usage.window[hurdle->unit];
        if (unit_is_marked(hurdle->unit) && !hurdle->subject->forgotten &&
            mark_is_near(window, hurdle->maximum))
            marks.items[marks.count++] = (struct mark){.subject = hurdle->subject,
                                                       .unit = hurdle->unit,
                                                       .window_ms = window->start_ms,
                                                       .mark = mark_beyond(window->count, hurdle->maximum)};
    }
    if (marks.count > 0)
        marks_write_later(limits, &marks);
}

// The windows are the subjects' own: after a clock was set back they are not those of this moment.
static void hold(const struct limit_wish *wish, const struct course *course, struct limit_hold *ret_hold)
{
    *ret_hold = (struct limit_hold){.cost_micros = wish->cost_micros, .least_micros = wish->least_micros};
    for (unsigned i = 0; i < course->count; i++) {
        const struct hurdle *hurdle = &course->hurdle[i];
        ret_hold->start_ms[hurdle->subject->scope][hurdle->unit] =
            hurdle->subject->usage.window[hurdle->unit].start_ms;
    }
    snprintf(ret_hold->tenant, sizeof ret_hold->tenant, "%s", wish->tenant);
}

bool limits_take(struct limits *limits, const struct limit_wish *wish, struct limit_state *ret_state,
                 struct limit_hold *ret_hold)
{
    struct course course;
    struct marks marks = {.count = 0};
    limits_lock(limits);
    bool fits = lay_out(limits, wish, &course);
    *ret_state = (struct limit_state){.maximum = QUOTA_NONE};
    while (fits) {
        struct quota_clock now = {.monotonic_ns = clock_monotonic_ns(), .unix_ms = clock_unix_ms()};
        marks.count = 0;
        fits = look_at_all(&course, &now, ret_state, &marks);
        if (fits && marks.count == 0) {
            take_all(wish, &course, &now, ret_state);
            if (ret_hold != NULL)
                hold(wish, &course, ret_hold);
            write_near(limits, &course);
            break;
        }
        if (fits)
            marks_write(limits, &marks);
    }
    leave(limits, &course);
    limits_unlock(limits);
    return fits;
}

void limits_settle(struct limits *limits, const struct limit_hold *hold, uint64_t cost_micros)
{
    uint64_t rest = hold->cost_micros > cost_micros ? hold->cost_micros - cost_micros : 0;
    limits_lock(limits);
    for (unsigned scope = SCOPE_TENANT; scope < LIMIT_SCOPE_COUNT; scope++) {
        struct subject *subject = subject_get(&limits->subjects, (enum limit_scope)scope, hold->tenant, "");
        if (subject == NULL)
            continue; // its wish made it: it is there
        subject->usage.held_micros -= returnable(hold->cost_micros, hold->least_micros);
        quota_give_back(&subject->usage, QUOTA_CONCURRENCY, 0, 1);
        quota_give_back(&subject->usage, QUOTA_COST_DAY, hold->start_ms[scope][QUOTA_COST_DAY], rest);
        quota_give_back(&subject->usage, QUOTA_COST_MONTH, hold->start_ms[scope][QUOTA_COST_MONTH], rest);
        subject_free_if_unneeded(&limits->subjects, subject);
    }
    limits_unlock(limits);
}

uint64_t limits_cost_today(const struct limits *limits)
{
    int64_t start_ms = (int64_t)gauge_read(&limits->day_start_ms);
    bool over = clock_unix_ms() >= quota_window_end(QUOTA_COST_DAY, start_ms);
    return over ? 0 : gauge_read(&limits->day_cost_micros);
}

uint64_t limits_unwritten(const struct limits *limits)
{
    return gauge_read(&limits->unwritten);
}
