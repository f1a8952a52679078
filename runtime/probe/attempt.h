// SPDX-License-Identifier: Apache-2.0
// Ways out of a worker, as native code that took one over would try them. Each is tried in a fresh worker of
// the probe, first behind the whole confinement, where every one must fail, then as if the filter had a hole,
// to see what the layers behind it hold.
#pragma once

#include "runtime/protocol/isolation.h"
#include "runtime/protocol/probe_job.h"

#include <stddef.h>
#include <stdint.h>

// Stand for arguments that are known only when an attempt is made.
#define VICTIM_PID (-7001L) // another worker of the same zygote
#define ZYGOTE_PID (-7002L)

struct attempt {
    const char *group;
    const char *name;
    long number;       // of the system call that the filter must refuse; NO_CALL if none is
    long arguments[6]; // ignored when `act` is set
    // For what takes more than one call: 0 when it got what it wanted, otherwise an errno.
    int (*act)(const struct probe_baits *baits);
    // Why it may succeed where there is no filter; NULL: the other layers hold by themselves.
    const char *filter_only;
    // Told by the kernel as another architecture's: the filter ends the process without naming the call.
    bool foreign;
    // The layers that hold it where there is no filter, as bits; 0: several, or the call's own checks.
    uint32_t layers;
    // Without the filter it may open descriptors, or the limit on them would hide what stands behind.
    bool takes_descriptor;
    // What another worker does first, in a run of its own: `act` then looks for what that left.
    void (*before)(const struct probe_baits *baits);
};

enum { NO_CALL = -1000 };

#define HELD_BY(name) (1u << LAYER_##name)
#define POINTER(object) ((long)(object))

struct attempts {
    const struct attempt *rows;
    size_t count;
};

struct attempts attempts_on_files(void);
struct attempts attempts_on_network(void);
struct attempts attempts_on_processes(void);
struct attempts attempts_on_rights(void);
struct attempts attempts_on_memory(void);
struct attempts attempts_on_kernel(void);
struct attempts attempts_on_host(void);
struct attempts attempts_on_clocks(void);
struct attempts attempts_on_leftovers(void);

#define ATTEMPTS(table) ((struct attempts){.rows = (table), .count = sizeof(table) / sizeof *(table)})
