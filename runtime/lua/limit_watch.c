// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/limit_watch.h"

#include "base/clock.h"
#include "base/require.h"
#include "runtime/lua/image.h"
#include "runtime/lua/verdict.h"

#include <errno.h>
#include <stddef.h>
#include <sys/time.h>

// The one variable of this program that is not reached through an argument: a signal handler has none.
static struct lua_image *alarmed_image;

enum {
    GRACE_US = 1000,       // between the signals after a limit was reached
    GRACE_CPU_NS = 300000, // that the hook has had to run: a busy machine may not have let it
    LEAST_ALARM_US = 100,  // nearer than this, the next look waits
    ALARMS_TO_REHOOK = 3,  // so many times the hook follows a change of the running coroutine
    COUNT_STEP_MAX = 100,  // instructions between two hooks; what is not counted yet stays below 1 %
    COUNT_SHARE = 200,     // of the count so far, per step
};

static void set_alarm(uint64_t us)
{
    struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)},
    };
    // Cannot fail for values in range, and a handler could do nothing about it; the engine's clock stands.
    setitimer(ITIMER_REAL, &timer, NULL);
}

// How far the run is past its limits: sets the next alarm if it is within both.
static enum outcome look_at_clocks(const struct lua_image *image)
{
    const struct limit_watch *limits = &image->limits;
    uint64_t cpu_ns = clock_thread_cpu_ns();
    if (cpu_ns >= limits->cpu_limit_ns)
        return OUTCOME_CPU_LIMIT;
    uint64_t wall_ns = clock_monotonic_ns() - limits->wall_start_ns;
    if (wall_ns >= limits->wall_limit_ns)
        return OUTCOME_WALL_LIMIT;
    uint64_t cpu_left_ns = limits->cpu_limit_ns - cpu_ns;
    uint64_t wall_left_ns = limits->wall_limit_ns - wall_ns;
    uint64_t left_us = (cpu_left_ns < wall_left_ns ? cpu_left_ns : wall_left_ns) / NS_PER_US + 1;
    left_us = left_us > LEAST_ALARM_US ? left_us : LEAST_ALARM_US;
    if (image->profiler != NULL && left_us > profiler_interval_us(image->profiler))
        left_us = profiler_interval_us(image->profiler);
    set_alarm(left_us);
    return OUTCOME_OK;
}

static _Noreturn void end_at_time_limit(struct lua_image *image)
{
    const struct limit_watch *limits = &image->limits;
    enum outcome outcome = (enum outcome)limits->expired;
    uint64_t observed_ns =
        outcome == OUTCOME_CPU_LIMIT ? clock_thread_cpu_ns() : clock_monotonic_ns() - limits->wall_start_ns;
    verdict_limit(image, outcome, observed_ns / NS_PER_US, NULL);
}

// Only alarms may move the time that the grace counts from, or a plugin that keeps memory short could delay
// it.
static void hook_and_wait(struct lua_image *image)
{
    limit_watch_hook_soon(image);
    image->limits.hooked_cpu_ns = clock_thread_cpu_ns();
    set_alarm(GRACE_US);
}

static void on_event(lua_State *L, lua_Debug *ar);

// While instructions are counted, their hook comes soon enough, and setting it anew would lose count.
static void hook_for_sample(struct lua_image *image)
{
    const struct limit_watch *limits = &image->limits;
    profiler_want_sample(image->profiler, image->running->L, limits->counting ? NULL : on_event,
                         limits->mask_at_rest);
}

static void on_alarm(int number)
{
    (void)number;
    int saved_errno = errno;
    struct lua_image *image = alarmed_image;
    struct limit_watch *limits = &image->limits;
    if (image->ending) {
        // Somebody else has the last word.
    } else if (limits->expired == OUTCOME_OK) {
        limits->expired = (sig_atomic_t)look_at_clocks(image);
        if (limits->expired != OUTCOME_OK)
            hook_and_wait(image);
        else if (image->profiler != NULL)
            hook_for_sample(image);
    } else if (image->writing_log || clock_thread_cpu_ns() - limits->hooked_cpu_ns < GRACE_CPU_NS) {
        // A log frame that is half written must be whole first, and on a busy machine the hook may not have
        // had its chance. The engine's kill bounds the wait.
        set_alarm(GRACE_US);
    } else if (limits->hooked == image->running->L || ++limits->alarms > ALARMS_TO_REHOOK) {
        end_at_time_limit(image);
    } else {
        hook_and_wait(image);
    }
    errno = saved_errno;
}

bool limit_watch_arm(struct lua_image *image, struct error *err)
{
    alarmed_image = image;
    struct sigaction action = {.sa_handler = on_alarm};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGALRM, &action, NULL) < 0)
        return error_system(err, errno, "cannot handle SIGALRM");
    return true;
}

static int count_step(const struct limit_watch *limits)
{
    uint64_t step = limits->instructions / COUNT_SHARE;
    step = step < 1 ? 1 : step > COUNT_STEP_MAX ? COUNT_STEP_MAX : step;
    uint64_t left = limits->instruction_limit - limits->instructions;
    if (limits->instruction_limit > 0 && left < step)
        step = left > 0 ? left : 1;
    return (int)step;
}

static void add_instructions(struct lua_image *image, uint64_t count)
{
    struct limit_watch *limits = &image->limits;
    limits->instructions += count;
    if (limits->instruction_limit > 0 && limits->instructions >= limits->instruction_limit)
        verdict_limit(image, OUTCOME_INSTRUCTION_LIMIT, limits->instructions, NULL);
}

// Runs between two instructions, so all of Lua's state is in order.
static void on_event(lua_State *L, lua_Debug *ar)
{
    struct lua_image *image = image_of(L);
    struct limit_watch *limits = &image->limits;
    if (limits->expired != OUTCOME_OK)
        end_at_time_limit(image);
    heap_check_refusal(image);
    if (ar->event == LUA_HOOKLINE) {
        line_coverage_hit(image, L, ar);
        return;
    }
    if (image->profiler != NULL)
        profiler_sample(image, ar);
    if (!limits->counting) {
        lua_sethook(L, on_event, limits->mask_at_rest, 0);
        return;
    }
    int step = lua_gethookcount(L);
    add_instructions(image, (uint64_t)step);
    int next = count_step(limits);
    if (next != step)
        lua_sethook(L, on_event, limits->mask_at_rest, next);
}

void limit_watch_hook_soon(struct lua_image *image)
{
    image->limits.hooked = image->running->L;
    lua_sethook(image->running->L, on_event, image->limits.mask_at_rest | LUA_MASKCOUNT, 1);
}

void limit_watch_charge_coroutine(struct lua_image *image, lua_State *L)
{
    if (image->limits.counting)
        add_instructions(image, (uint64_t)lua_gethookcount(L));
}

void limit_watch_begin_run(struct lua_image *image)
{
    const struct run_limits *given = &image->job->limits;
    struct limit_watch *limits = &image->limits;
    limits->wall_start_ns = clock_monotonic_ns();
    limits->wall_limit_ns = given->value[LIMIT_WALL_MS] * NS_PER_MS;
    limits->cpu_limit_ns = given->value[LIMIT_CPU_MS] * NS_PER_MS;
    limits->instruction_limit = given->value[LIMIT_INSTRUCTIONS];
    limits->counting = limits->instruction_limit > 0 || image->job->count_instructions;
    limits->mask_at_rest =
        (limits->counting ? LUA_MASKCOUNT : 0) | (image->coverage != NULL ? LUA_MASKLINE : 0);
    if (limits->mask_at_rest != 0)
        lua_sethook(image->L, on_event, limits->mask_at_rest, limits->counting ? count_step(limits) : 0);
    // The handler takes a later look if the limit is further off than the timer is told here.
    require(limits->wall_limit_ns > 0 && limits->cpu_limit_ns > 0);
    limits->expired = (sig_atomic_t)look_at_clocks(image);
    if (limits->expired != OUTCOME_OK)
        end_at_time_limit(image);
}
