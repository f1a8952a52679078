// SPDX-License-Identifier: Apache-2.0
// Layer user_namespace: one user and one group that mean nothing outside. Whatever capability is left or won
// inside counts for this namespace only.
#pragma once

#include "runtime/protocol/isolation.h"

// The only uid and gid inside.
enum { NAMESPACE_UID = 1000 };

void user_namespace_enter(struct layer_report *report);
