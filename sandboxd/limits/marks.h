// SPDX-License-Identifier: Apache-2.0
// How far a count of requests may go, as the store knows: it never passes its mark, so that a process that
// was killed goes on from there and lets none through too many. Marks are set further ahead of need, without
// anybody's wait; only where a count catches up with its mark, as at the beginning of a window, does the one
// who asks wait, and not for long: a store that fails or hangs does not stop the service, and then a kill
// forgets what it could not be told. Only for sandboxd/limits/.
#pragma once

#include "base/gauge.h"
#include "sandboxd/limits/subjects.h"

#include <pthread.h>

struct limits {
    struct store *store;
    struct logger *logger;
    pthread_mutex_t lock;
    pthread_cond_t settled;    // marks that somebody waits for
    uint64_t retry_at_ns;      // after marks that were not written
    uint64_t complained_at_ns; // the next complaint, at the earliest
    struct gauge unwritten;
    struct id_map subjects;
    struct subject *everybody; // is never forgotten
    // Of everybody's day, as of the last release of the lock.
    struct gauge day_cost_micros;
    struct gauge day_start_ms; // set after the cost that belongs to it
};

void limits_lock(struct limits *limits);
// What everybody's day costs is shown to those who take no lock, whatever it was that changed it.
void limits_unlock(struct limits *limits);

// Its subject is in use while it is written.
struct mark {
    struct subject *subject;
    enum quota_unit unit;
    int64_t window_ms;
    uint64_t mark;
    uint64_t wanted; // what somebody waits for
};

enum { MARKS_OF_WISH = LIMIT_SCOPE_COUNT * QUOTA_UNIT_COUNT };
struct marks {
    size_t count;
    struct mark items[MARKS_OF_WISH];
};

// Whether the store has marks of that unit. What runs cost it knows from the runs themselves.
static inline bool unit_is_marked(enum quota_unit unit)
{
    return unit == QUOTA_HOUR || unit == QUOTA_DAY;
}
// A sixteenth of the limit further than `wanted`.
uint64_t mark_beyond(uint64_t wanted, uint64_t maximum);
// With the lock held: whether the count has come so close to its mark that it should be set further. True
// only once for each.
bool mark_is_near(struct quota_window *window, uint64_t maximum);

// With the lock held, which is let go of meanwhile: waits until the store knows them, or for a moment: then
// the counts may go as far as is wanted all the same, and that is told.
void marks_write(struct limits *limits, const struct marks *marks);
// The same without the wait, all under the lock.
void marks_write_later(struct limits *limits, const struct marks *marks);

// Reads what was counted, and what was spent.
bool marks_read(struct limits *limits, struct error *err);
// Sets all marks to what was counted, after all that is still to be written. Nobody asks any more.
void marks_make_exact(struct limits *limits);
// Drops those of a key, or with key "" of a tenant and all its keys.
void marks_drop(struct limits *limits, const char *tenant, const char *key);
