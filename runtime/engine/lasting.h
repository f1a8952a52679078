// SPDX-License-Identifier: Apache-2.0
// How far the worker of a run that lasts gives way to those of runs that have just begun, and for whom it
// leaves cores alone. Pure: no clock, no I/O; not thread-safe.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// How much nicer its worker becomes, if `count` runs of its tenant last by now, it included. The first keeps
// a third of a fresh run's weight, and every doubling of the number adds about that third once more, however
// many there are: a lone run that lasts comes forward on a busy machine, and a tenant that has many of them
// slows down its own.
unsigned lasting_nice(uint32_t count);

// How many of `cores` are kept for those that have just begun: a quarter, as of workers, and one at least;
// but none if there is only one.
uint32_t lasting_kept_cores(uint32_t cores);

// Whether new workers are to begin on the `kept` cores, and on no other, if `young` runs go on that have not
// lasted. There is room for two on each, as a short run waits as long as it works. When more come at once,
// they get all cores, beside the ones that last: it is their number then that makes them wait.
bool lasting_has_room(uint32_t kept, uint64_t young);

// The two tenants whose short runs were the last, and when. That is all that is needed to tell for any tenant
// whether another one asks.
struct askers {
    struct asker {
        uint64_t tenant;
        uint64_t at_ns; // 0: there was none
    } last, other;
};

// A short run of `tenant` has ended.
void askers_note(struct askers *askers, uint64_t tenant, uint64_t now_ns);
// Whether somebody else than `tenant` has had one in the last `asks_for_ns`: then the runs of `tenant` that
// last are kept off some cores.
bool askers_besides(const struct askers *askers, uint64_t tenant, uint64_t now_ns, uint64_t asks_for_ns);
