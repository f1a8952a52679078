// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/limits/limits.h"

#include "base/clock.h"
#include "base/gauge.h"
#include "runtime/engine/list.h"
#include "sandboxd/limits/subjects.h"
#include "sandboxd/store/limit_rows.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARES = 16 };

static const char *const scope_names[LIMIT_SCOPE_COUNT] = {
    [SCOPE_KEY] = "key", [SCOPE_TENANT] = "tenant", [SCOPE_GLOBAL] = "global"};

const char *limit_scope_name(enum limit_scope scope)
{
    return scope_names[scope];
}

struct limits {
    struct store *store;
    pthread_mutex_t lock;
    struct id_map subjects;
    struct subject *everybody; // is never forgotten
    // Of everybody's day, as of the last release of the lock.
    struct gauge day_cost_micros;
    _Atomic int64_t day_start_ms; // set after the cost that belongs to it
};

static void take_lock(struct limits *limits)
{
    pthread_mutex_lock(&limits->lock);
}

// What everybody's day costs is shown to those who take no lock, whatever it was that changed it.
static void release_lock(struct limits *limits)
{
    const struct quota_window *day = &limits->everybody->usage.window[QUOTA_COST_DAY];
    gauge_set(&limits->day_cost_micros, day->count);
    atomic_store_explicit(&limits->day_start_ms, day->start_ms, memory_order_release);
    pthread_mutex_unlock(&limits->lock);
}

static bool drop_rows(struct sqlite3 *db, void *forgotten_, struct error *err)
{
    const struct subject *forgotten = forgotten_;
    return limits_drop_of(db, forgotten->tenant, forgotten->key, err);
}

void limits_forget(struct limits *limits, const char *tenant, const char *key)
{
    struct subject forgotten = {.forgotten = true};
    snprintf(forgotten.tenant, sizeof forgotten.tenant, "%s", tenant);
    snprintf(forgotten.key, sizeof forgotten.key, "%s", key);
    take_lock(limits);
    subjects_forget(&limits->subjects, tenant, key);
    release_lock(limits);
    // If the disk fails now, they are read once more, and gone with their month.
    store_transact(limits->store, drop_rows, &forgotten, NULL);
}

// --- what lasts

struct marks {
    size_t count;
    struct mark {
        struct subject *subject; // in use by whoever has them written
        enum quota_unit unit;
        int64_t window_ms;
        uint64_t mark;
    } * items;
    struct mark few[LIMIT_SCOPE_COUNT * QUOTA_UNIT_COUNT];
};

static bool write_marks(struct sqlite3 *db, void *marks_, struct error *err)
{
    const struct marks *marks = marks_;
    for (size_t i = 0; i < marks->count; i++) {
        const struct mark *mark = &marks->items[i];
        struct limit_row row = {.tenant = mark->subject->tenant,
                                .scope = scope_names[mark->subject->scope],
                                .id = mark->subject->key,
                                .unit = quota_unit_table[mark->unit].name,
                                .window_ms = mark->window_ms,
                                .mark = (int64_t)mark->mark};
        if (!limit_put(db, &row, err))
            return false;
    }
    return true;
}

static bool take_row(void *limits_, const struct limit_row *row)
{
    unsigned scope = 0, unit = 0;
    while (scope < LIMIT_SCOPE_COUNT && strcmp(row->scope, scope_names[scope]) != 0)
        scope++;
    while (unit < QUOTA_UNIT_COUNT && strcmp(row->unit, quota_unit_table[unit].name) != 0)
        unit++;
    if (scope == LIMIT_SCOPE_COUNT || unit == QUOTA_UNIT_COUNT)
        return true; // of another version
    struct subject *subject =
        subject_get(&((struct limits *)limits_)->subjects, (enum limit_scope)scope, row->tenant, row->id);
    if (subject == NULL)
        return false;
    uint64_t mark = (uint64_t)row->mark;
    subject->usage.window[unit] =
        (struct quota_window){.start_ms = row->window_ms, .count = mark, .mark = mark};
    return true;
}

static bool read_rows(struct sqlite3 *db, void *limits, struct error *err)
{
    return limits_read(db, take_row, limits, err);
}

static bool drop_old_rows(struct sqlite3 *db, void *limits, struct error *err)
{
    (void)limits;
    return limits_drop_before(db, quota_window_start(QUOTA_COST_MONTH, clock_unix_ms()), err);
}

struct limits *limits_open(struct store *store, struct error *err)
{
    struct limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL || !id_map_init(&limits->subjects)) {
        free(limits);
        error_set(err, ERROR_MEMORY, "no memory for the limits");
        return NULL;
    }
    limits->store = store;
    pthread_mutex_init(&limits->lock, NULL);
    limits->everybody = subject_get(&limits->subjects, SCOPE_GLOBAL, "", "");
    if (limits->everybody == NULL)
        error_set(err, ERROR_MEMORY, "no memory for the limits");
    else if (store_transact(store, drop_old_rows, limits, err) && store_read(store, read_rows, limits, err)) {
        take_lock(limits);
        release_lock(limits);
        return limits;
    }
    limits_close(limits);
    return NULL;
}

static void add_exact(struct marks *marks, struct subject *subject)
{
    for (unsigned unit = 0; unit < QUOTA_UNIT_COUNT && !subject->forgotten; unit++) {
        const struct quota_window *window = &subject->usage.window[unit];
        if (window->mark != window->count)
            marks->items[marks->count++] = (struct mark){.subject = subject,
                                                         .unit = (enum quota_unit)unit,
                                                         .window_ms = window->start_ms,
                                                         .mark = window->count};
    }
}

static void keep_exact(struct limits *limits)
{
    struct marks marks = {
        .items = calloc(gauge_read(&limits->subjects.count) * QUOTA_UNIT_COUNT + 1, sizeof(struct mark))};
    for (size_t i = 0; marks.items != NULL && i < limits->subjects.bucket_count; i++)
        for (struct id_entry *entry = limits->subjects.buckets[i]; entry != NULL; entry = entry->next)
            add_exact(&marks, list_item(entry, struct subject, entry));
    // If the disk fails now, the next start goes on from the marks: too strict rather than too lenient.
    if (marks.count > 0)
        store_transact(limits->store, write_marks, &marks, NULL);
    free(marks.items);
}

void limits_close(struct limits *limits)
{
    if (limits == NULL)
        return;
    keep_exact(limits);
    subjects_free(&limits->subjects);
    pthread_mutex_destroy(&limits->lock);
    free(limits);
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

static uint64_t mark_of(uint64_t wanted, uint64_t maximum)
{
    uint64_t mark = wanted + maximum / SHARES;
    return mark < maximum ? mark : maximum;
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
        if (!quota_is_window(hurdle->unit) || wanted <= window->mark)
            continue;
        ret_marks->items[ret_marks->count++] = (struct mark){.subject = hurdle->subject,
                                                             .unit = hurdle->unit,
                                                             .window_ms = window->start_ms,
                                                             .mark = mark_of(wanted, hurdle->maximum)};
    }
    bool fits = refusing.rest.wait_ms == 0;
    *ret_state = fits ? closest : refusing;
    return fits;
}

static void take_all(const struct course *course, const struct quota_clock *clock, struct limit_state *state)
{
    for (unsigned i = 0; i < course->count; i++) {
        const struct hurdle *hurdle = &course->hurdle[i];
        quota_take(&hurdle->subject->usage, hurdle->unit, hurdle->maximum, hurdle->amount, clock);
        if (hurdle->unit == QUOTA_COST_DAY)
            hurdle->subject->usage.held_micros += hurdle->amount;
        if (hurdle->unit == state->unit && hurdle->subject->scope == state->scope)
            state->rest.remaining -= hurdle->amount;
    }
}

static void know_marks(const struct marks *marks)
{
    for (size_t i = 0; i < marks->count; i++) {
        const struct mark *mark = &marks->items[i];
        struct quota_window *window = &mark->subject->usage.window[mark->unit];
        if (window->start_ms == mark->window_ms && window->mark < mark->mark)
            window->mark = mark->mark;
    }
}

// The windows are the subjects' own: after a clock was set back they are not those of this moment.
static void hold(const struct limit_wish *wish, const struct course *course, struct limit_hold *ret_hold)
{
    *ret_hold = (struct limit_hold){.cost_micros = wish->cost_micros};
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
    struct marks marks;
    marks.items = marks.few;
    take_lock(limits);
    bool fits = lay_out(limits, wish, &course);
    *ret_state = (struct limit_state){.maximum = QUOTA_NONE};
    while (fits) {
        struct quota_clock now = {.monotonic_ns = clock_monotonic_ns(), .unix_ms = clock_unix_ms()};
        marks.count = 0;
        fits = look_at_all(&course, &now, ret_state, &marks);
        if (fits && marks.count == 0) {
            take_all(&course, &now, ret_state);
            if (ret_hold != NULL)
                hold(wish, &course, ret_hold);
            break;
        }
        if (!fits)
            break;
        release_lock(limits);
        // A store that fails does not stop the service: then a kill may forget these.
        store_transact(limits->store, write_marks, &marks, NULL);
        take_lock(limits);
        know_marks(&marks);
    }
    leave(limits, &course);
    release_lock(limits);
    return fits;
}

void limits_settle(struct limits *limits, const struct limit_hold *hold, uint64_t cost_micros)
{
    uint64_t rest = hold->cost_micros > cost_micros ? hold->cost_micros - cost_micros : 0;
    take_lock(limits);
    for (unsigned scope = SCOPE_TENANT; scope < LIMIT_SCOPE_COUNT; scope++) {
        struct subject *subject = subject_get(&limits->subjects, (enum limit_scope)scope, hold->tenant, "");
        if (subject == NULL)
            continue; // its wish made it: it is there
        subject->usage.held_micros -= hold->cost_micros;
        quota_give_back(&subject->usage, QUOTA_CONCURRENCY, 0, 1);
        quota_give_back(&subject->usage, QUOTA_COST_DAY, hold->start_ms[scope][QUOTA_COST_DAY], rest);
        quota_give_back(&subject->usage, QUOTA_COST_MONTH, hold->start_ms[scope][QUOTA_COST_MONTH], rest);
        subject_free_if_unneeded(&limits->subjects, subject);
    }
    release_lock(limits);
}

uint64_t limits_cost_today(const struct limits *limits)
{
    int64_t start_ms = atomic_load_explicit(&limits->day_start_ms, memory_order_acquire);
    bool over = clock_unix_ms() >= quota_window_end(QUOTA_COST_DAY, start_ms);
    return over ? 0 : gauge_read(&limits->day_cost_micros);
}
