// SPDX-License-Identifier: Apache-2.0
// Layer landlock: a ruleset that handles every access the kernel's Landlock knows and allows none: no file,
// no TCP port, no signal or abstract socket out of the zygote's own processes.
#pragma once

#include "runtime/protocol/isolation.h"

// no_new_privs must be set before.
void landlock_deny_all(struct layer_report *report);
