// SPDX-License-Identifier: Apache-2.0
#include "policies/policy.h"

#include "base/require.h"

#include <stdlib.h>

struct policy *policy_ref(struct policy *policy)
{
    unsigned before = atomic_fetch_add_explicit(&policy->references, 1, memory_order_relaxed);
    require(before > 0);
    return policy;
}

void policy_unref(struct policy *policy)
{
    if (!policy)
        return;
    unsigned before = atomic_fetch_sub_explicit(&policy->references, 1, memory_order_acq_rel);
    require(before > 0);
    if (before > 1)
        return;
    free(policy->origins);
    free(policy->description);
    free(policy->canonical);
    free(policy);
}
