// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/limits/quota.h"

#include "base/clock.h"

#include <time.h>

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };
// When a run ends is not known; what a client is told to wait for one.
enum { RUN_END_MS = 1000 };
#define BUCKET_NS (60 * NS_PER_S)

const struct quota_unit_info quota_unit_table[QUOTA_UNIT_COUNT] = {
    [QUOTA_MINUTE] = {"minute", "requests", NULL, "requests per minute", 60},
    [QUOTA_HOUR] = {"hour", "requests", NULL, "requests per hour", 3600},
    [QUOTA_DAY] = {"day", "requests", NULL, "requests per day", 86400},
    [QUOTA_CONCURRENCY] = {"concurrency", "concurrency", "concurrent-requests", "runs at once", 0},
    [QUOTA_COST_DAY] = {"cost-day", "cost", "micros", "cost per day, in millionths", 86400},
    [QUOTA_COST_MONTH] = {"cost-month", "cost", "micros", "cost per month, in millionths", 2678400},
};

static int64_t month_start(int64_t unix_ms, int months_on)
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    struct tm first = {.tm_year = parts.tm_year, .tm_mon = parts.tm_mon + months_on, .tm_mday = 1};
    return (int64_t)timegm(&first) * 1000;
}

int64_t quota_window_start(enum quota_unit unit, int64_t unix_ms)
{
    if (unit == QUOTA_COST_MONTH)
        return month_start(unix_ms, 0);
    return unix_ms - unix_ms % (unit == QUOTA_HOUR ? HOUR_MS : DAY_MS);
}

int64_t quota_window_end(enum quota_unit unit, int64_t unix_ms)
{
    if (unit == QUOTA_COST_MONTH)
        return month_start(unix_ms, 1);
    return quota_window_start(unit, unix_ms) + (unit == QUOTA_HOUR ? HOUR_MS : DAY_MS);
}

bool quota_window_is_believed(enum quota_unit unit, int64_t start_ms, int64_t unix_ms)
{
    return start_ms <= quota_window_end(unit, unix_ms);
}

// The time of one token, rounded up: never a token too many.
static uint64_t token_ns(uint64_t maximum)
{
    return (BUCKET_NS + maximum - 1) / maximum;
}

static uint64_t ms_rounded_up(uint64_t ns)
{
    return (ns + NS_PER_MS - 1) / NS_PER_MS;
}

static struct quota_rest look_bucket(const struct quota_usage *usage, uint64_t maximum, uint64_t amount,
                                     uint64_t now_ns)
{
    uint64_t missing_ns = usage->full_at_ns > now_ns ? usage->full_at_ns - now_ns : 0;
    uint64_t wanted_ns = missing_ns + amount * token_ns(maximum);
    uint64_t whole_ns = maximum * token_ns(maximum);
    return (struct quota_rest){.remaining =
                                   missing_ns < whole_ns ? (whole_ns - missing_ns) / token_ns(maximum) : 0,
                               .reset_ms = ms_rounded_up(missing_ns),
                               .wait_ms = wanted_ns > whole_ns ? ms_rounded_up(wanted_ns - whole_ns) : 0};
}

static struct quota_rest look_window(struct quota_usage *usage, enum quota_unit unit, uint64_t maximum,
                                     uint64_t amount, int64_t now_ms)
{
    struct quota_window *window = &usage->window[unit];
    int64_t start_ms = quota_window_start(unit, now_ms);
    if (start_ms > window->start_ms || !quota_window_is_believed(unit, window->start_ms, now_ms))
        *window = (struct quota_window){.start_ms = start_ms};
    uint64_t remaining = window->count < maximum ? maximum - window->count : 0;
    int64_t end_ms = quota_window_end(unit, window->start_ms > now_ms ? window->start_ms : now_ms);
    uint64_t reset_ms = (uint64_t)(end_ms - now_ms);
    uint64_t wait_ms = amount <= remaining ? 0 : reset_ms;
    bool is_cost = unit == QUOTA_COST_DAY || unit == QUOTA_COST_MONTH;
    if (wait_ms > RUN_END_MS && is_cost && amount <= remaining + usage->held_micros)
        wait_ms = RUN_END_MS;
    return (struct quota_rest){.remaining = remaining, .reset_ms = reset_ms, .wait_ms = wait_ms};
}

struct quota_rest quota_look(struct quota_usage *usage, enum quota_unit unit, uint64_t maximum,
                             uint64_t amount, const struct quota_clock *clock)
{
    if (unit == QUOTA_MINUTE)
        return look_bucket(usage, maximum, amount, clock->monotonic_ns);
    if (unit != QUOTA_CONCURRENCY)
        return look_window(usage, unit, maximum, amount, clock->unix_ms);
    uint64_t remaining = usage->running < maximum ? maximum - usage->running : 0;
    return (struct quota_rest){
        .remaining = remaining, .reset_ms = RUN_END_MS, .wait_ms = amount > remaining ? RUN_END_MS : 0};
}

void quota_take(struct quota_usage *usage, enum quota_unit unit, uint64_t maximum, uint64_t amount,
                const struct quota_clock *clock)
{
    if (unit == QUOTA_CONCURRENCY) {
        usage->running += amount;
    } else if (unit == QUOTA_MINUTE) {
        uint64_t from_ns = usage->full_at_ns > clock->monotonic_ns ? usage->full_at_ns : clock->monotonic_ns;
        usage->full_at_ns = from_ns + amount * token_ns(maximum);
    } else {
        usage->window[unit].count += amount;
    }
}

void quota_give_back(struct quota_usage *usage, enum quota_unit unit, int64_t start_ms, uint64_t amount)
{
    struct quota_window *window = &usage->window[unit];
    if (unit == QUOTA_CONCURRENCY)
        usage->running -= amount;
    else if (window->start_ms == start_ms)
        window->count -= amount < window->count ? amount : window->count;
}
