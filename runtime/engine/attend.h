// SPDX-License-Identifier: Apache-2.0
// A run whose end its own caller waits for, instead of the serving thread: one wake-up less. Only ever one at
// a time, the only run there is; and all that is done to it is to take the exit report of its worker, while
// the serving thread sleeps. Whatever else happens is the serving thread's, as ever.
#pragma once

#include "runtime/engine/engine_state.h"

// Lock held. The run has ended, or waits again: who attends it lets go.
void attend_forget_run(struct engine *engine, const struct run *run);
// Lock held. Likewise when its zygote ends.
void attend_forget_zygote(struct engine *engine, const struct zygote *zygote);
