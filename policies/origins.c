// SPDX-License-Identifier: Apache-2.0
#include "policies/origins.h"

#include <stddef.h>

const char *policy_origin_at(const struct policy *policy, uint8_t index)
{
    if (!policy->origins || index >= policy->origins->document_count)
        return NULL;
    return policy->origins->documents[index];
}

const char *policy_origin(const struct policy *policy, enum policy_member member)
{
    if (!policy->origins)
        return NULL;
    const char *origin = policy_origin_at(policy, policy->origins->member[member]);
    bool is_ceiling = member >= MEMBER_CEILING_FIRST && member < MEMBER_LUA;
    if (!origin && is_ceiling)
        return policy_origin(policy, member - MEMBER_CEILING_FIRST + MEMBER_LIMIT_FIRST);
    return origin;
}
