// SPDX-License-Identifier: Apache-2.0
// Which run goes next. Waiting runs are kept per tenant and, within a tenant, per policy (a lane); tenants
// take turns, so one that floods waits behind itself only. A run starts when its policy has an idle worker
// and all caps hold. A run too large for what is left of the memory budget is not overtaken: what it waits
// for always comes, and nobody starves. Pure bookkeeping: no I/O, no clock; not thread-safe.
#pragma once

#include "base/gauge.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/id_map.h"
#include "runtime/engine/list.h"

#include <stdbool.h>
#include <stdint.h>

struct admission_caps {
    uint32_t running_max;        // all together
    uint32_t tenant_running_max; // per tenant; 0: no such cap
    uint32_t queue_capacity;
    uint64_t memory_budget_bytes;
};

// What admission knows of one policy's pool.
struct gate {
    uint32_t running;
    uint32_t running_max;
    uint32_t waiting;
    uint32_t idle; // workers; changed through admission_set_idle only
    bool ready;    // private: counted in ready_gates
};

struct lane;

// One run's place, embedded in the run.
struct ticket {
    struct list link;
    struct lane *lane; // NULL when not admitted, or ended
    uint64_t memory_bytes;
    uint32_t weight; // of its tenant, set before it enters; 0: 1
    bool running;
    bool lasting; // counted among its tenant's runs that last
};

struct admission_state {
    struct admission_caps caps;
    struct id_map tenants;
    struct list ring;     // tenants with waiting runs, the next in turn first
    uint32_t ready_gates; // with a waiting run, an idle worker and room under its own cap
    struct gauge running;
    struct gauge waiting;
    struct gauge idle; // workers of all gates
    struct gauge promised_bytes;
};

bool admission_init(struct admission_state *state, const struct admission_caps *caps);
// No ticket may be left.
void admission_deinit(struct admission_state *state);

// Puts a run at the end of its tenant's lane for `gate`. REFUSED_QUEUE_FULL, REFUSED_MEMORY and
// REFUSED_OUT_OF_MEMORY leave nothing behind. `tenant` is copied.
enum admission admission_enter(struct admission_state *state, struct ticket *ticket, const char *tenant,
                               struct gate *gate, uint64_t memory_bytes);
// Takes the next run that may start, counts it as running and one idle worker of its gate as taken. NULL if
// none may.
struct ticket *admission_next(struct admission_state *state);
// A running run whose worker was lost before it began goes back to the front of its lane.
void admission_return(struct admission_state *state, struct ticket *ticket);
// A waiting or running run is over.
void admission_leave(struct admission_state *state, struct ticket *ticket);
// A running run has lasted: how many of its tenant's running runs have by now.
uint32_t admission_note_lasting(struct ticket *ticket);
// Whose run it is, of an admitted ticket: the same number for the same tenant as long as the state lives.
uint64_t admission_tenant(const struct ticket *ticket);
void admission_set_idle(struct admission_state *state, struct gate *gate, uint32_t idle);
// Any waiting run of this gate; NULL if there is none. For failing what can never start.
struct ticket *admission_any_waiting(struct admission_state *state, const struct gate *gate);
