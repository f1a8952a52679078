// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/limits/marks.h"

#include "base/clock.h"
#include "runtime/engine/list.h"
#include "sandboxd/store/limit_rows.h"
#include "sandboxd/store/usage_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHARES = 16, // a mark is at most so small a part of the limit ahead
    NEAR = 4,    // and is set further when a part of that part is left
    DAY_MS = 24 * 3600 * 1000,
    WAIT_MS = 250,           // how long a request waits for its mark
    RETRY_MS = 1000,         // after one that was not written, before the next that is waited for
    COMPLAIN_MS = 60 * 1000, // between two complaints
};

uint64_t mark_beyond(uint64_t wanted, uint64_t maximum)
{
    uint64_t mark = wanted + maximum / SHARES;
    return mark < maximum ? mark : maximum;
}

bool mark_is_near(struct quota_window *window, uint64_t maximum)
{
    uint64_t share = maximum / SHARES;
    uint64_t left = window->mark > window->count ? window->mark - window->count : 0;
    // The smallest limits are never ahead: each request that they let through is written by itself.
    if (share == 0 || window->mark >= maximum || window->asked >= window->mark || left > share / NEAR)
        return false;
    window->asked = window->mark;
    return true;
}

static struct quota_window *window_of(const struct mark *mark)
{
    return &mark->subject->usage.window[mark->unit];
}

static bool put_mark(struct database *db, const struct mark *mark, struct error *err)
{
    struct limit_row row = {.tenant = mark->subject->tenant,
                            .scope = limit_scope_name(mark->subject->scope),
                            .id = mark->subject->key,
                            .unit = quota_unit_table[mark->unit].name,
                            .window_ms = mark->window_ms,
                            .mark = (int64_t)mark->mark};
    return limit_put(db, &row, err);
}

static bool put_marks(struct database *db, void *marks_, struct error *err)
{
    const struct marks *marks = marks_;
    bool good = true;
    for (size_t i = 0; good && i < marks->count; i++)
        good = put_mark(db, &marks->items[i], err);
    return good;
}

static void know(const struct marks *marks)
{
    for (size_t i = 0; i < marks->count; i++) {
        struct quota_window *window = window_of(&marks->items[i]);
        if (window->start_ms == marks->items[i].window_ms && window->mark < marks->items[i].mark)
            window->mark = marks->items[i].mark;
    }
}

// --- on the writer's thread

struct ahead {
    struct limits *limits;
    struct marks marks;
    bool waited_for; // then it is freed by who waits
    bool done, good;
};

static bool put_ahead(struct database *db, void *ahead, struct error *err)
{
    return put_marks(db, &((struct ahead *)ahead)->marks, err);
}

static void free_ahead(struct ahead *ahead)
{
    for (size_t i = 0; i < ahead->marks.count; i++) {
        struct subject *subject = ahead->marks.items[i].subject;
        subject->in_use--;
        subject_free_if_unneeded(&ahead->limits->subjects, subject);
    }
    free(ahead);
}

// If they are not on the disk, whoever catches up with one tries again, and waits.
static void know_ahead(void *ahead_, bool good)
{
    struct ahead *ahead = ahead_;
    struct limits *limits = ahead->limits;
    limits_lock(limits);
    if (good)
        know(&ahead->marks);
    ahead->done = true;
    ahead->good = good;
    if (ahead->waited_for)
        pthread_cond_broadcast(&limits->settled);
    else
        free_ahead(ahead);
    limits_unlock(limits);
}

// NULL: no memory, or the store is about to close.
static struct ahead *start(struct limits *limits, const struct marks *marks, bool waited_for)
{
    struct ahead *ahead = malloc(sizeof *ahead);
    if (ahead == NULL)
        return NULL;
    *ahead = (struct ahead){.limits = limits, .marks = *marks, .waited_for = waited_for};
    for (size_t i = 0; i < marks->count; i++)
        marks->items[i].subject->in_use++;
    if (store_transact_later(limits->store, put_ahead, know_ahead, ahead))
        return ahead;
    free_ahead(ahead);
    return NULL;
}

void marks_write_later(struct limits *limits, const struct marks *marks)
{
    start(limits, marks, false);
}

// --- before a request goes on

// Writes and waits, but not for a store that hangs: those who ask are threads that everybody needs.
static bool write_soon(struct limits *limits, const struct marks *marks)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_MS * (long)NS_PER_MS;
    if (until.tv_nsec >= (long)NS_PER_S) {
        until.tv_nsec -= (long)NS_PER_S;
        until.tv_sec++;
    }
    struct ahead *ahead = start(limits, marks, true);
    if (ahead == NULL)
        return false;
    while (!ahead->done && pthread_cond_timedwait(&limits->settled, &limits->lock, &until) == 0)
        continue;
    bool good = ahead->done && ahead->good;
    if (ahead->done)
        free_ahead(ahead);
    else
        ahead->waited_for = false;
    return good;
}

// This one goes on without its mark, and the next has to ask for one again.
static void do_without(struct limits *limits, const struct marks *marks)
{
    struct marks wanted = *marks;
    for (size_t i = 0; i < wanted.count; i++)
        wanted.items[i].mark = wanted.items[i].wanted;
    know(&wanted);
    gauge_add(&limits->unwritten, 1);
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns < limits->complained_at_ns)
        return;
    limits->complained_at_ns = now_ns + COMPLAIN_MS * NS_PER_MS;
    log_to(limits->logger, LOG_ERROR, "counts of requests are not on the disk",
           LOG_TEXT("detail", "the store fails or is slow; requests go on, and limits hold until the process "
                              "is killed: then it forgets these"));
}

void marks_write(struct limits *limits, const struct marks *marks)
{
    if (clock_monotonic_ns() >= limits->retry_at_ns) {
        if (write_soon(limits, marks))
            return;
        limits->retry_at_ns = clock_monotonic_ns() + RETRY_MS * NS_PER_MS;
    }
    do_without(limits, marks);
}

// --- over the process' end

static bool take_row(void *limits_, const struct limit_row *row)
{
    unsigned scope = 0, unit = 0;
    while (scope < LIMIT_SCOPE_COUNT && strcmp(row->scope, limit_scope_name((enum limit_scope)scope)) != 0)
        scope++;
    while (unit < QUOTA_UNIT_COUNT && strcmp(row->unit, quota_unit_table[unit].name) != 0)
        unit++;
    if (scope == LIMIT_SCOPE_COUNT || unit == QUOTA_UNIT_COUNT || !unit_is_marked((enum quota_unit)unit))
        return true; // of another version
    struct limits *limits = limits_;
    struct subject *subject = subject_get(&limits->subjects, (enum limit_scope)scope, row->tenant, row->id);
    if (subject == NULL)
        return false;
    uint64_t mark = (uint64_t)row->mark;
    subject->usage.window[unit] =
        (struct quota_window){.start_ms = row->window_ms, .count = mark, .mark = mark};
    return true;
}

// What was spent, as of a moment.
struct spending {
    struct limits *limits;
    int64_t now_ms;
    bool no_memory; // for a run that waits
};

// Of one window of one tenant, and of everybody's.
static bool add_cost(struct limits *limits, const char *tenant, enum quota_unit unit, int64_t start_ms,
                     uint64_t cost_micros)
{
    for (unsigned scope = SCOPE_TENANT; scope < LIMIT_SCOPE_COUNT; scope++) {
        struct subject *subject = subject_get(&limits->subjects, (enum limit_scope)scope, tenant, "");
        if (subject == NULL)
            return false;
        struct quota_window *window = &subject->usage.window[unit];
        window->start_ms = start_ms;
        window->count += cost_micros;
    }
    return true;
}

static bool take_day_cost(void *spending_, const struct usage_row *row)
{
    const struct spending *spending = spending_;
    return add_cost(spending->limits, row->tenant, QUOTA_COST_DAY,
                    quota_window_start(QUOTA_COST_DAY, spending->now_ms), row->sum.cost_micros);
}

static bool take_month_cost(void *spending_, const struct usage_row *row)
{
    const struct spending *spending = spending_;
    return add_cost(spending->limits, row->tenant, QUOTA_COST_MONTH,
                    quota_window_start(QUOTA_COST_MONTH, spending->now_ms), row->sum.cost_micros);
}

static bool read_cost(struct database *db, struct spending *spending, enum quota_unit unit, struct error *err)
{
    struct usage_filter filter = {.from_day = quota_window_start(unit, spending->now_ms) / DAY_MS,
                                  .to_day = spending->now_ms / DAY_MS,
                                  .limit = UINT32_MAX};
    return usage_by_tenant_read(db, &filter, unit == QUOTA_COST_DAY ? take_day_cost : take_month_cost,
                                spending, err);
}

// Runs and their sums are kept whatever ends the process, and so is what was spent: to the last millionth.
static bool read_all(struct database *db, void *spending_, struct error *err)
{
    struct spending *spending = spending_;
    int64_t last_day;
    if (!limits_read(db, take_row, spending->limits, err) || !usage_last_day_read(db, &last_day, err))
        return false;
    // A clock that was set back a little does not open the last window again.
    int64_t last_day_ms = last_day * DAY_MS;
    if (last_day_ms > spending->now_ms &&
        quota_window_is_believed(QUOTA_COST_DAY, last_day_ms, spending->now_ms))
        spending->now_ms = last_day_ms;
    return read_cost(db, spending, QUOTA_COST_DAY, err) && read_cost(db, spending, QUOTA_COST_MONTH, err);
}

// A run that the store has no room for, yet: it was paid for all the same.
static void take_queued(void *spending_, const struct run_record *run)
{
    struct spending *spending = spending_;
    int64_t at_ms = run_id_unix_ms(run->id);
    for (unsigned unit = QUOTA_COST_DAY; unit <= QUOTA_COST_MONTH; unit++) {
        int64_t start_ms = quota_window_start((enum quota_unit)unit, spending->now_ms);
        if (quota_window_start((enum quota_unit)unit, at_ms) == start_ms &&
            !add_cost(spending->limits, run->tenant, (enum quota_unit)unit, start_ms, run->cost_micros))
            spending->no_memory = true;
    }
}

static bool drop_old_rows(struct database *db, void *limits, struct error *err)
{
    (void)limits;
    return limits_drop_before(db, quota_window_start(QUOTA_DAY, clock_unix_ms()), err);
}

bool marks_read(struct limits *limits, struct error *err)
{
    // If the disk is full, they are dropped another time: nobody counts them.
    store_transact(limits->store, drop_old_rows, limits, NULL);
    struct spending spending = {.limits = limits, .now_ms = clock_unix_ms()};
    if (!store_read_with_queued(limits->store, read_all, take_queued, &spending, err))
        return false;
    return !spending.no_memory || error_set(err, ERROR_MEMORY, "no memory for the limits");
}

static bool put_exact(struct database *db, struct subject *subject, struct error *err)
{
    bool good = true;
    for (unsigned unit = 0; good && unit < QUOTA_UNIT_COUNT && !subject->forgotten; unit++) {
        const struct quota_window *window = &subject->usage.window[unit];
        struct mark mark = {.subject = subject,
                            .unit = (enum quota_unit)unit,
                            .window_ms = window->start_ms,
                            .mark = window->count};
        if (unit_is_marked((enum quota_unit)unit) && window->mark != window->count)
            good = put_mark(db, &mark, err);
    }
    return good;
}

static bool put_all_exact(struct database *db, void *limits_, struct error *err)
{
    struct limits *limits = limits_;
    bool good = true;
    for (size_t i = 0; good && i < limits->subjects.bucket_count; i++)
        for (struct id_entry *entry = limits->subjects.buckets[i]; good && entry != NULL; entry = entry->next)
            good = put_exact(db, list_item(entry, struct subject, entry), err);
    return good;
}

void marks_make_exact(struct limits *limits)
{
    // If the disk fails now, the next start goes on from the marks: too strict rather than too lenient.
    store_transact(limits->store, put_all_exact, limits, NULL);
}

static bool drop_rows(struct database *db, void *forgotten_, struct error *err)
{
    const struct subject *forgotten = forgotten_;
    return limits_drop_of(db, forgotten->tenant, forgotten->key, err);
}

void marks_drop(struct limits *limits, const char *tenant, const char *key)
{
    struct subject forgotten = {.forgotten = true};
    snprintf(forgotten.tenant, sizeof forgotten.tenant, "%s", tenant);
    snprintf(forgotten.key, sizeof forgotten.key, "%s", key);
    // If the disk fails now, they are read once more, and gone with their day.
    store_transact(limits->store, drop_rows, &forgotten, NULL);
}
