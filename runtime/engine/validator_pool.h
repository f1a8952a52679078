// SPDX-License-Identifier: Apache-2.0
// Validations do not run under a policy's zygote: what reads a hostile source needs other limits than a
// plugin and nothing of a policy's concessions, and plugins' workers stay small without it. One pool of its
// own serves the validations for all policies, a few at a time, beside the runs. Few may wait for it: they
// share the engine's queue with the runs, and one may take ten seconds.
#pragma once

#include "runtime/engine/engine_state.h"

// Lock held: the pool, made when first asked for; its zygote starts on the serving thread. NULL if there is
// no memory.
struct pool *validator_pool(struct engine *engine);

// Lock held: whether one more may wait.
bool validator_pool_has_room(const struct pool *pool);
