// SPDX-License-Identifier: Apache-2.0
// A bound on how often one message may be logged, so that a fault in a busy service does not become a second
// one. Any thread; no lock, so that under contention a few more may pass.
#pragma once

#include "base/log_levels.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { LOG_MESSAGES_MAX = 64, LOG_BURST = 50, LOG_WINDOW_S = 10 };

struct log_limit {
    struct {
        _Atomic(const char *) message; // static text: its address names it
        _Atomic uint64_t window_s;     // when the current one began
        _Atomic uint32_t count;        // in it
        _Atomic uint32_t suppressed;   // since the last that passed, and not told
        _Atomic int severity;          // of these; enum severity
    } slot[LOG_MESSAGES_MAX];
    _Atomic uint64_t suppressed; // in all
};

// Whether `message` may be logged at `now_s`: LOG_BURST times in LOG_WINDOW_S. `ret_suppressed` is how many
// were not since the last window.
bool log_limit_pass(struct log_limit *limit, const char *message, enum severity severity, uint64_t now_s,
                    uint32_t *ret_suppressed);

struct log_suppressed {
    const char *message;
    enum severity severity;
    uint32_t count;
};
// Takes what was suppressed of one message whose window is over, and which did not come again since, to be
// told now. False if there is none. `now_s` of UINT64_MAX: as if every window were
// over.
bool log_limit_take(struct log_limit *limit, uint64_t now_s, struct log_suppressed *ret_suppressed);
