// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/health/checks.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIGURES_MAX = 256 };

// A figure and what was found of it, the last look first.
struct figure {
    struct health_finding finding;
    enum health last[HEALTH_LOOKS];
    int64_t at_unix_ms;
};

// One check and its thread.
struct lane {
    struct health_checks *all;
    const struct health_check *check;
    pthread_t thread;
    bool started;      // and not joined yet
    bool serving;      // its thread has not said its last word
    uint64_t begun_ns; // of the look that goes on; 0: none does
    uint64_t took_ns;  // the last look
    unsigned late;     // looks beyond the deadline, in a row
    uint64_t looks;
    int64_t at_unix_ms;
    struct figure *figures; // owned
    size_t count;
};

struct health_checks {
    struct health_options options;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct lane lanes[];
};

struct health_look {
    struct health_finding *findings; // owned
    size_t count;
};

void health_find(struct health_look *look, const struct health_finding *finding)
{
    if (look->count == FIGURES_MAX)
        return;
    struct health_finding *more = realloc(look->findings, (look->count + 1) * sizeof *more);
    if (more == NULL)
        return;
    look->findings = more;
    more[look->count++] = *finding;
}

static enum health best_of(const enum health last[HEALTH_LOOKS])
{
    enum health best = last[0];
    for (int i = 1; i < HEALTH_LOOKS; i++)
        best = last[i] < best ? last[i] : best;
    return best;
}

static struct health_result result_of(const struct figure *figure)
{
    struct health_result result = {.finding = figure->finding,
                                   .health =
                                       figure->finding.certain ? figure->last[0] : best_of(figure->last),
                                   .at_unix_ms = figure->at_unix_ms};
    while (result.bad_looks < HEALTH_LOOKS && figure->last[result.bad_looks] != HEALTH_PASS)
        result.bad_looks++;
    return result;
}

static const struct figure *find_figure(const struct lane *lane, const struct health_finding *finding)
{
    for (size_t i = 0; i < lane->count; i++)
        if (strcmp(lane->figures[i].finding.component, finding->component) == 0 &&
            strcmp(lane->figures[i].finding.measurement, finding->measurement) == 0)
            return &lane->figures[i];
    return NULL;
}

// The figure after another look. A new one starts as if it had been well.
static struct figure next_figure(const struct figure *before, const struct health_finding *finding,
                                 int64_t now_unix_ms)
{
    struct figure figure = {.finding = *finding, .at_unix_ms = now_unix_ms};
    for (int i = 1; before != NULL && i < HEALTH_LOOKS; i++)
        figure.last[i] = before->last[i - 1];
    figure.last[0] = finding->health;
    return figure;
}

// Takes the findings over; what was not found any more is forgotten. Returns what is reported differently
// from before, `ret_count` of them, for the caller to free.
static struct health_result *take_findings(struct lane *lane, const struct health_look *look,
                                           size_t *ret_count)
{
    int64_t now_unix_ms = clock_unix_ms();
    struct figure *figures = calloc(look->count + 1, sizeof *figures);
    struct health_result *changed = calloc(look->count + 1, sizeof *changed);
    *ret_count = 0;
    // Without memory the figures stay as they were, with their time.
    if (figures == NULL || changed == NULL) {
        free(figures);
        return changed;
    }
    for (size_t i = 0; i < look->count; i++) {
        const struct figure *before = find_figure(lane, &look->findings[i]);
        figures[i] = next_figure(before, &look->findings[i], now_unix_ms);
        struct health_result result = result_of(&figures[i]);
        if (result.health != (before != NULL ? result_of(before).health : HEALTH_PASS))
            changed[(*ret_count)++] = result;
    }
    free(lane->figures);
    lane->figures = figures;
    lane->count = look->count;
    return changed;
}

static void look_once(struct lane *lane)
{
    struct health_checks *all = lane->all;
    struct health_look look = {0};
    pthread_mutex_lock(&all->lock);
    lane->begun_ns = clock_monotonic_ns();
    pthread_mutex_unlock(&all->lock);
    lane->check->run(all->options.context, &look);
    size_t changed_count;
    pthread_mutex_lock(&all->lock);
    struct health_result *changed = take_findings(lane, &look, &changed_count);
    lane->took_ns = clock_monotonic_ns() - lane->begun_ns;
    lane->late = lane->took_ns > lane->check->deadline_ms * NS_PER_MS ? lane->late + 1 : 0;
    lane->begun_ns = 0;
    lane->at_unix_ms = clock_unix_ms();
    lane->looks++;
    pthread_cond_broadcast(&all->wake);
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; all->options.changed != NULL && i < changed_count; i++)
        all->options.changed(all->options.context, &changed[i]);
    free(changed);
    free(look.findings);
}

static struct timespec after_ms(uint64_t ms)
{
    uint64_t at_ns = clock_monotonic_ns() + ms * NS_PER_MS;
    return (struct timespec){.tv_sec = (time_t)(at_ns / 1000000000), .tv_nsec = (long)(at_ns % 1000000000)};
}

static void *serve(void *lane_)
{
    struct lane *lane = lane_;
    struct health_checks *all = lane->all;
    for (;;) {
        look_once(lane);
        struct timespec until = after_ms(all->options.interval_ms);
        pthread_mutex_lock(&all->lock);
        while (!all->stopping && pthread_cond_timedwait(&all->wake, &all->lock, &until) != ETIMEDOUT) {
        }
        if (all->stopping) {
            lane->serving = false;
            pthread_cond_broadcast(&all->wake);
            pthread_mutex_unlock(&all->lock);
            return NULL;
        }
        pthread_mutex_unlock(&all->lock);
    }
}

static void await_first_looks(struct health_checks *all)
{
    pthread_mutex_lock(&all->lock);
    for (unsigned i = 0; i < all->options.check_count; i++) {
        struct timespec until = after_ms(all->options.checks[i].deadline_ms);
        while (all->lanes[i].looks == 0 &&
               pthread_cond_timedwait(&all->wake, &all->lock, &until) != ETIMEDOUT) {
        }
    }
    pthread_mutex_unlock(&all->lock);
}

struct health_checks *health_checks_new(const struct health_options *options, struct error *err)
{
    struct health_checks *all = calloc(1, sizeof *all + options->check_count * sizeof all->lanes[0]);
    if (all == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the health checks");
        return NULL;
    }
    all->options = *options;
    pthread_mutex_init(&all->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&all->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    for (unsigned i = 0; i < options->check_count; i++) {
        struct lane *lane = &all->lanes[i];
        lane->all = all;
        lane->check = &options->checks[i];
        lane->serving = true;
        int failed = pthread_create(&lane->thread, NULL, serve, lane);
        if (failed != 0) {
            lane->serving = false;
            error_system(err, failed, "cannot start the thread of the health check \"%s\"",
                         lane->check->name);
            if (health_checks_stop(all))
                health_checks_free(all);
            return NULL;
        }
        lane->started = true;
        char name[16];
        snprintf(name, sizeof name, "health %.8s", lane->check->name);
        pthread_setname_np(lane->thread, name);
    }
    await_first_looks(all);
    return all;
}

// Joins a thread, waiting no longer than its look may take. With the lock held, which it gives up meanwhile.
static bool end_lane(struct lane *lane)
{
    struct health_checks *all = lane->all;
    struct timespec until = after_ms(lane->check->deadline_ms);
    while (lane->serving && pthread_cond_timedwait(&all->wake, &all->lock, &until) != ETIMEDOUT) {
    }
    if (lane->serving)
        return false;
    bool started = lane->started;
    lane->started = false;
    pthread_mutex_unlock(&all->lock);
    if (started)
        pthread_join(lane->thread, NULL);
    pthread_mutex_lock(&all->lock);
    return true;
}

bool health_checks_stop(struct health_checks *checks)
{
    if (checks == NULL)
        return true;
    pthread_mutex_lock(&checks->lock);
    checks->stopping = true;
    pthread_cond_broadcast(&checks->wake);
    bool all_ended = true;
    for (unsigned i = 0; i < checks->options.check_count; i++)
        all_ended = (checks->lanes[i].all == NULL || end_lane(&checks->lanes[i])) && all_ended;
    pthread_mutex_unlock(&checks->lock);
    return all_ended;
}

void health_checks_free(struct health_checks *checks)
{
    if (checks == NULL)
        return;
    for (unsigned i = 0; i < checks->options.check_count; i++)
        free(checks->lanes[i].figures);
    pthread_cond_destroy(&checks->wake);
    pthread_mutex_destroy(&checks->lock);
    free(checks);
}

// How long the check takes, or has been taking: its own figure. A look that goes on is late once for every
// deadline that has passed.
static struct health_result duration_of(const struct lane *lane, uint64_t now_ns)
{
    uint64_t deadline_ns = lane->check->deadline_ms * NS_PER_MS;
    uint64_t going_ns = lane->begun_ns != 0 && now_ns > lane->begun_ns ? now_ns - lane->begun_ns : 0;
    bool overdue = going_ns > deadline_ns;
    uint64_t late = lane->late + (overdue ? going_ns / deadline_ns : 0);
    struct health_result result = {
        .finding = {.type = "component",
                    .unit = "ms",
                    .value = (overdue ? going_ns : lane->took_ns) / NS_PER_MS,
                    .health = late > 0 ? lane->check->when_overdue : HEALTH_PASS},
        .health = late >= HEALTH_LOOKS ? lane->check->when_overdue : HEALTH_PASS,
        .bad_looks = late < HEALTH_LOOKS ? (unsigned)late : HEALTH_LOOKS,
        .at_unix_ms = lane->at_unix_ms,
    };
    snprintf(result.finding.component, sizeof result.finding.component, "%s", lane->check->name);
    snprintf(result.finding.measurement, sizeof result.finding.measurement, "check_duration");
    if (late > 0)
        snprintf(
            result.finding.output, sizeof result.finding.output, "the check %s; it should take %u ms at most",
            overdue ? "has not ended, and its figures are old" : "took too long", lane->check->deadline_ms);
    return result;
}

void health_checks_read(struct health_checks *checks,
                        void (*take)(void *user, const struct health_result *result), void *user)
{
    pthread_mutex_lock(&checks->lock);
    uint64_t now_ns = clock_monotonic_ns();
    for (unsigned i = 0; i < checks->options.check_count; i++) {
        const struct lane *lane = &checks->lanes[i];
        for (size_t f = 0; f < lane->count; f++) {
            struct health_result result = result_of(&lane->figures[f]);
            take(user, &result);
        }
        struct health_result duration = duration_of(lane, now_ns);
        take(user, &duration);
    }
    pthread_mutex_unlock(&checks->lock);
}
