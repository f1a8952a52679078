// SPDX-License-Identifier: Apache-2.0
// The arithmetic of limits: how much of each unit one subject (a key, a tenant, everybody) has used. Minutes
// are a token bucket, as the generic cell rate algorithm keeps one: bursts up to the whole quota, refilled
// evenly. Hours, days and months are counted from their beginning in UTC, as bills are. Pure; the caller
// locks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum quota_unit {
    QUOTA_MINUTE,      // requests
    QUOTA_HOUR,        // likewise
    QUOTA_DAY,         // likewise
    QUOTA_CONCURRENCY, // runs at once
    QUOTA_COST_DAY,    // millionths of the currency's unit
    QUOTA_COST_MONTH,
    QUOTA_UNIT_COUNT,
};
enum { QUOTA_REQUESTS = 1 << QUOTA_MINUTE | 1 << QUOTA_HOUR | 1 << QUOTA_DAY };
enum { QUOTA_RUNS = 1 << QUOTA_CONCURRENCY | 1 << QUOTA_COST_DAY | 1 << QUOTA_COST_MONTH };

struct quota_unit_info {
    const char *name;        // "minute": in headers, metrics and the store
    const char *kind;        // "requests", "concurrency", "cost"
    const char *header_unit; // qu of RateLimit-Policy; NULL for requests
    const char *words;       // "requests per minute"
    uint32_t window_s;       // for the header; 0: none
};
extern const struct quota_unit_info quota_unit_table[QUOTA_UNIT_COUNT];

#define QUOTA_NONE UINT64_MAX
struct quotas {
    uint64_t maximum[QUOTA_UNIT_COUNT]; // QUOTA_NONE: no limit
};

// A count that survives a restart. `mark` (of requests; of cost it is 0) is what the store knows: at least
// what was counted, so that a process that was killed goes on from it and never lets one through too many.
struct quota_window {
    int64_t start_ms;
    uint64_t count;
    uint64_t mark;
    uint64_t asked; // the mark at which the store was asked for a further one
};

struct quota_usage {
    uint64_t full_at_ns; // of the minute's bucket, by the monotonic clock
    uint64_t running;
    uint64_t held_micros; // of the cost that was taken: what runs that go on may give back
    struct quota_window window[QUOTA_UNIT_COUNT]; // of the others
};

struct quota_clock {
    uint64_t monotonic_ns;
    int64_t unix_ms;
};

// What is left, and in how many milliseconds it will be more.
struct quota_rest {
    uint64_t remaining;
    uint64_t reset_ms; // until all of it is there again
    uint64_t wait_ms;  // until `amount` fits; 0: it does now
};
// For `amount` more of a unit. Begins a new window if the last is over. Cost that only what runs hold keeps
// out waits a second, as for a run to end; an amount that never fits, for the window's end all the same.
struct quota_rest quota_look(struct quota_usage *usage, enum quota_unit unit, uint64_t maximum,
                             uint64_t amount, const struct quota_clock *clock);
// Uses it up. What does not fit by quota_look must not be taken.
void quota_take(struct quota_usage *usage, enum quota_unit unit, uint64_t maximum, uint64_t amount,
                const struct quota_clock *clock);
// Gives back what was taken in the window that began at `start_ms`, if that still goes on.
void quota_give_back(struct quota_usage *usage, enum quota_unit unit, int64_t start_ms, uint64_t amount);
// The beginning of the window that `unix_ms` is in, and of the next.
int64_t quota_window_start(enum quota_unit unit, int64_t unix_ms);
int64_t quota_window_end(enum quota_unit unit, int64_t unix_ms);
// Whether a window that begins at `start_ms` is still counted in: at most the next one is, so that a clock
// that is set back a little does not open it again. What lies further ahead was counted by a clock that was
// wrong, and must not close the window until that day comes.
bool quota_window_is_believed(enum quota_unit unit, int64_t start_ms, int64_t unix_ms);
