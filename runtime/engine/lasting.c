// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/lasting.h"

// The kernel's weights fall by a fifth with each step of nice: to a third after five, to a half after three.
enum { FIRST_NICE = 5, NICE_PER_DOUBLING = 3, NICE_MAX = 19 };

unsigned lasting_nice(uint32_t count)
{
    unsigned nice = FIRST_NICE;
    for (; count > 1 && nice < NICE_MAX; count /= 2)
        nice += NICE_PER_DOUBLING;
    return nice < NICE_MAX ? nice : NICE_MAX;
}
