// SPDX-License-Identifier: Apache-2.0
// Layer dedicated_uid: a zygote started as root becomes a user of its own that owns nothing on the host, so
// that even without a user namespace nothing is reachable by ownership. Every zygote gets another uid, so
// that zygotes cannot signal each other either.
#pragma once

#include "runtime/protocol/isolation.h"

// Uids and gids above everything that systemd hands out (0x6FFFFFFF) and below the sign bit; the zygote's
// pid, at most 2^22, is added.
#define DEDICATED_UID_BASE 0x70000000u

// Keeps the capabilities, effective too, because the namespaces are still to be made; capabilities_drop ends
// that. Missing when not started as root.
void dedicated_uid_take(struct layer_report *report);
