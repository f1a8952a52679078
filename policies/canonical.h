// SPDX-License-Identifier: Apache-2.0
// The one way to write a resolved policy down: compact JSON, members in the order of their names, lists
// sorted, every limit as a number, every Lua name by itself. A reader of policies reads it back to the same
// policy. Its SHA-256 is the policy's version.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "policies/policy.h"

#include <stdbool.h>

// Fills in `canonical` and `version` from the rest of `policy`. False only if memory ran out.
bool policy_make_canonical(struct policy *policy, struct error *err);

// "sha256:" and the hex digest of `text`, and a NUL. Computed by libsodium.
void policy_version_of(struct bytes text, char version[POLICY_VERSION_SIZE]);
