// SPDX-License-Identifier: Apache-2.0
// One thread with a bounded queue, for work that may wait: HTTP threads must not. Work is done in the order
// in which it came. Any thread may add.
#pragma once

#include "base/error.h"

#include <stdbool.h>

struct background;

struct background *background_new(const char *thread_name, unsigned capacity, struct error *err);
// Does what is queued, then ends the thread; from now on background_add takes nothing. NULL is fine.
void background_finish(struct background *background);
// Finishes, and frees. NULL is fine.
void background_free(struct background *background);
// False if the queue is full or finished: then nothing was taken over.
bool background_add(struct background *background, void (*work)(void *context), void *context);
// The same for what `tenant` asks for: all tenants together get half of the queue and each an eighth, so that
// there is room for the others, and always for admins and the service itself. `tenant` is borrowed until the
// work begins; "" is background_add.
bool background_add_for(struct background *background, const char *tenant, void (*work)(void *context),
                        void *context);
