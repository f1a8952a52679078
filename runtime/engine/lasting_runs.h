// SPDX-License-Identifier: Apache-2.0
// The runs that last: their workers give way in priority, and, while other tenants ask for short runs, are
// kept off some of the cores. A tenant's own short runs keep its others off nothing. Lock held for all of it.
#pragma once

#include "runtime/engine/engine_state.h"

// Whether workers that are forked now are to begin on the kept cores.
bool lasting_spares_cores(const struct engine *engine);
// A running run has begun to last.
void lasting_begin(struct engine *engine, struct run *run);
// A run's worker is done with it; before its ticket leaves. If it did not last, its tenant has asked for a
// short one.
void lasting_end(struct engine *engine, struct run *run);
// A run whose worker was never there waits again.
void lasting_forget(struct engine *engine, struct run *run);
// lasting_timer rang: whoever nobody asks beside any more gets all cores back.
void lasting_on_timer(struct engine *engine);
