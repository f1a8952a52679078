// SPDX-License-Identifier: Apache-2.0
// What this host can do, for tests that need it. A test without it says "host lacks: NAME" and is skipped;
// tests/host_facts.py checks that claim.
#pragma once

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <sched.h>
#include <stdbool.h>

static inline int try_unshare(void *context)
{
    return unshare(*(int *)context) == 0 ? 0 : 1;
}

static inline bool host_can_unshare(int flags)
{
    return in_child(try_unshare, &flags) == 0;
}

// A namespace of this kind, by right of its own or inside a user namespace.
static inline bool host_has_namespace(int flag)
{
    return host_can_unshare(flag) || host_can_unshare(flag | CLONE_NEWUSER);
}

static inline void need_host(const char *name, bool has)
{
    if (has)
        return;
    print_message("host lacks: %s\n", name);
    skip();
}
