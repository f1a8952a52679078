// SPDX-License-Identifier: Apache-2.0
// Failed attempts to authenticate, counted per address. Good keys are never refused for the failures of
// others behind the same address; failures beyond the limit are answered without being looked at, and leave
// the log alone. Bounded memory: where two busy addresses fall into one slot, they share it. Any thread.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { ATTEMPTS_BURST = 20, ATTEMPT_REFILL_MS = 3000 };

struct attempts;

struct attempts *attempts_new(struct error *err);
void attempts_free(struct attempts *attempts); // NULL is fine

// Counts one failure from `address`. False if it is beyond the limit: then `ret_wait_ms` is when the next one
// will be within it.
bool attempts_take(struct attempts *attempts, const char *address, uint64_t now_ns, uint64_t *ret_wait_ms);
