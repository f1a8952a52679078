// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/lasting.h"

// The kernel's weights fall by a fifth with each step of nice: to a third after five, to a half after three.
enum { FIRST_NICE = 5, NICE_PER_DOUBLING = 3, NICE_MAX = 19 };
enum { KEPT_SHARE = 4, YOUNG_PER_CORE = 2 };

unsigned lasting_nice(uint32_t count)
{
    unsigned nice = FIRST_NICE;
    for (; count > 1 && nice < NICE_MAX; count /= 2)
        nice += NICE_PER_DOUBLING;
    return nice < NICE_MAX ? nice : NICE_MAX;
}

uint32_t lasting_kept_cores(uint32_t cores)
{
    if (cores < 2)
        return 0;
    return cores < KEPT_SHARE ? 1 : cores / KEPT_SHARE;
}

bool lasting_has_room(uint32_t kept, uint64_t young)
{
    return young <= (uint64_t)kept * YOUNG_PER_CORE;
}

void askers_note(struct askers *askers, uint64_t tenant, uint64_t now_ns)
{
    if (askers->last.at_ns > 0 && askers->last.tenant != tenant)
        askers->other = askers->last;
    askers->last = (struct asker){.tenant = tenant, .at_ns = now_ns};
}

bool askers_besides(const struct askers *askers, uint64_t tenant, uint64_t now_ns, uint64_t asks_for_ns)
{
    const struct asker *asker = askers->last.tenant != tenant ? &askers->last : &askers->other;
    return asker->at_ns > 0 && now_ns < asker->at_ns + asks_for_ns;
}
