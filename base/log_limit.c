// SPDX-License-Identifier: Apache-2.0
#include "base/log_limit.h"

#include <stddef.h>

enum { PROBES_MAX = 8 };

// More messages than there is room for are not bounded.
static int slot_of(struct log_limit *limit, const char *message)
{
    uintptr_t start = ((uintptr_t)message >> 3) * 2654435761u;
    for (unsigned i = 0; i < PROBES_MAX; i++) {
        unsigned at = (unsigned)((start + i) % LOG_MESSAGES_MAX);
        const char *found = NULL;
        if (atomic_compare_exchange_strong(&limit->slot[at].message, &found, message) || found == message)
            return (int)at;
    }
    return -1;
}

bool log_limit_pass(struct log_limit *limit, const char *message, enum severity severity, uint64_t now_s,
                    uint32_t *ret_suppressed)
{
    *ret_suppressed = 0;
    int at = slot_of(limit, message);
    if (at < 0)
        return true;
    uint64_t window_s = atomic_load(&limit->slot[at].window_s);
    if (now_s >= window_s + LOG_WINDOW_S &&
        atomic_compare_exchange_strong(&limit->slot[at].window_s, &window_s, now_s)) {
        *ret_suppressed = atomic_exchange(&limit->slot[at].suppressed, 0);
        atomic_store(&limit->slot[at].count, 1);
        return true;
    }
    if (atomic_fetch_add(&limit->slot[at].count, 1) < LOG_BURST)
        return true;
    atomic_store(&limit->slot[at].severity, severity);
    atomic_fetch_add(&limit->slot[at].suppressed, 1);
    atomic_fetch_add(&limit->suppressed, 1);
    return false;
}

bool log_limit_take(struct log_limit *limit, uint64_t now_s, struct log_suppressed *ret_suppressed)
{
    for (unsigned i = 0; i < LOG_MESSAGES_MAX; i++) {
        if (atomic_load(&limit->slot[i].suppressed) == 0 ||
            now_s < atomic_load(&limit->slot[i].window_s) + LOG_WINDOW_S)
            continue;
        uint32_t count = atomic_exchange(&limit->slot[i].suppressed, 0);
        if (count == 0) // the message came again just now, and told it
            continue;
        *ret_suppressed =
            (struct log_suppressed){.message = atomic_load(&limit->slot[i].message),
                                    .severity = (enum severity)atomic_load(&limit->slot[i].severity),
                                    .count = count};
        return true;
    }
    return false;
}
