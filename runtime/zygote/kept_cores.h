// SPDX-License-Identifier: Apache-2.0
// The cores that workers whose runs last are kept off while other tenants ask for short runs, which begin
// there. Whoever wakes up finds a core on which nobody spins: priority alone does not help a thread that has
// just had its share, which waits until the spinner's turn is over, or for the next tick. In the zygote only.
#pragma once

#include "base/error.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct kept_cores {
    bool some;
    cpu_set_t all; // what the zygote was started with, so what the administrator gave sandboxd
    cpu_set_t kept;
    cpu_set_t rest;
    bool stays; // the zygote itself is on the kept ones
};

// Keeps the first `count` cores of those that the calling process may use. Zygotes are started alike, so they
// agree on which these are. If there are no more than `count`, or `count` is 0, nothing is kept: true, and
// the functions below change nothing. False, with the reason, where the host forbids the choice; likewise.
bool kept_cores_find(struct kept_cores *ret_cores, uint32_t count, struct error *err);
// Keeps a worker off the kept cores, or lets it have all. False where the host forbids it, or if the worker
// is gone: the run goes on as before.
bool kept_cores_keep_off(const struct kept_cores *cores, pid_t worker, bool off);
// Moves the zygote to the kept cores, and with it all that it forks from now on; or lets it have all again.
void kept_cores_stay(struct kept_cores *cores, bool stay);
