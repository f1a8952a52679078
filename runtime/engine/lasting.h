// SPDX-License-Identifier: Apache-2.0
// How far the worker of a run that lasts gives way to those of runs that have just begun. Pure; any thread.
#pragma once

#include <stdint.h>

// How much nicer its worker becomes, if `count` runs of its tenant last by now, it included. The first keeps
// a third of a fresh run's weight, and every doubling of the number adds about that third once more, however
// many there are: a lone run that lasts comes forward on a busy machine, and a tenant that has many of them
// slows down its own.
unsigned lasting_nice(uint32_t count);
