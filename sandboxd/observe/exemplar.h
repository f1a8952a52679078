// SPDX-License-Identifier: Apache-2.0
// The last traced observation of a histogram's bucket: what links a metric to a trace. Any thread, without
// locks: a writer that meets another one leaves its own out, a reader that meets a writer shows nothing.
#pragma once

#include "sandboxd/http/trace_context.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct exemplar {
    _Atomic uint32_t turn; // odd while it is written; 0: never was
    _Atomic uint64_t trace_high, trace_low;
    _Atomic uint64_t value;
    _Atomic int64_t unix_ms;
};

struct exemplar_copy {
    char trace_id[TRACE_ID_SIZE + 1];
    uint64_t value; // in the family's raw unit
    int64_t unix_ms;
};

// `trace_id` is 32 hex digits.
void exemplar_put(struct exemplar *exemplar, const char *trace_id, uint64_t value, int64_t unix_ms);
// False if there is none, or it is being written.
bool exemplar_get(struct exemplar *exemplar, struct exemplar_copy *ret_copy);
