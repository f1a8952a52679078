// SPDX-License-Identifier: Apache-2.0
// Which document each value of a resolved policy came from. Belongs to the policy, and is as immutable.
#pragma once

#include "policies/members.h"
#include "policies/policy.h"

#include <stdint.h>

enum { EXTENDS_CHAIN_MAX = 16, ORIGIN_NOWHERE = 255 };

// All indices are into `documents`; ORIGIN_NOWHERE where no document says anything.
struct policy_origins {
    uint32_t document_count;
    char documents[EXTENDS_CHAIN_MAX][POLICY_NAME_MAX + 1]; // the eldest first; the last is the policy itself
    uint8_t member[POLICY_MEMBER_COUNT];
    uint8_t lua[LUA_NAME_COUNT];           // which last allowed or denied it
    uint8_t syscall[ALLOWED_SYSCALLS_MAX]; // as policy->allowed_syscalls
    uint8_t layer[ISOLATION_LAYER_COUNT];
};

// The name of the document that set `member`: "base". A ceiling that nobody set follows its limit. NULL if
// nobody set it and it has its default.
const char *policy_origin(const struct policy *policy, enum policy_member member);
// The same for an index from the lists of `policy->origins`.
const char *policy_origin_at(const struct policy *policy, uint8_t index);
