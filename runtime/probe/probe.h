// SPDX-License-Identifier: Apache-2.0
// The probe is the zygote with this folder in the place of the interpreter: the same confinement, forks and
// frames, and workers that make one attempt each instead of running a plugin. It holds no interpreter, so
// it cannot run a plugin at all, and takes no code from anybody: an order names an attempt of its own tables.
//
// Two executables, told apart by one object each: sandbox-probe, whose workers are confined as a plugin's,
// and sandbox-probe-unfiltered, whose workers are left without the filter. In the probe's workers only.
#pragma once

#include "runtime/probe/attempt.h"

// What remains to be done to the worker before it makes `attempt`. Exits if it cannot be done.
void probe_prepare(const struct attempt *attempt);

// All attempts in the order of their numbers; NULL beyond the last.
const struct attempt *probe_attempt(uint32_t number);
