// SPDX-License-Identifier: Apache-2.0
// What a tenant may use and what it pays: an editable JSON document, read once into figures. Immutable and
// counted by references, so that a run keeps the plan that it began under. Any thread.
#pragma once

#include "base/bytes.h"
#include "policies/diagnostics.h"
#include "policies/policy.h"
#include "runtime/protocol/limits.h"
#include "sandboxd/accounts/identity.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { PLAN_NAME_SIZE = TENANT_ID_SIZE, PLAN_DOCUMENT_MAX = 64 * 1024, PLAN_POLICIES_MAX = 64 };

// Money is in millionths of the currency's unit.
enum plan_figure {
    PLAN_PRIORITY, // share of the workers against other tenants while runs wait
    PLAN_REQUESTS_PER_MINUTE,
    PLAN_REQUESTS_PER_HOUR,
    PLAN_REQUESTS_PER_DAY,
    PLAN_KEY_REQUESTS_PER_MINUTE, // of each key
    PLAN_KEY_REQUESTS_PER_HOUR,
    PLAN_KEY_REQUESTS_PER_DAY,
    PLAN_CONCURRENT_RUNS,
    PLAN_COST_PER_DAY,
    PLAN_COST_PER_MONTH,
    PLAN_PRICE_RUN,
    PLAN_PRICE_CPU_SECOND,
    PLAN_PRICE_GIB_SECOND,
    PLAN_FIGURE_COUNT,
};

struct plan_figure_info {
    const char *section; // "requests"; NULL: the member is at the top
    const char *name;
    uint64_t minimum, maximum;
    uint64_t absent; // its value when it is not given, or null
};
extern const struct plan_figure_info plan_figure_table[PLAN_FIGURE_COUNT];
// A figure that is a bound and has this value bounds nothing.
#define PLAN_UNLIMITED UINT64_MAX

struct plan {
    _Atomic unsigned references;
    char name[PLAN_NAME_SIZE];
    uint64_t figure[PLAN_FIGURE_COUNT];
    bool has_ceiling[RUN_LIMIT_COUNT];
    uint64_t ceiling[RUN_LIMIT_COUNT];
    unsigned policy_count; // 0: every policy
    char policies[PLAN_POLICIES_MAX][POLICY_NAME_MAX + 1];
};

// Reads a document. NULL: every fault is in `faults` with its JSON pointer.
struct plan *plan_read(const char *name, struct bytes document, struct diagnostics *faults);
struct plan *plan_ref(struct plan *plan);
void plan_unref(struct plan *plan); // NULL is fine

// Whether the policy is one of the plan's own.
bool plan_names_policy(const struct plan *plan, const char *policy);
bool plan_allows_policy(const struct plan *plan, const char *policy);
// The policy of a run that names none: the first of the plan's own, else "default".
const char *plan_default_policy(const struct plan *plan);

// Lower-case letters, digits, '-' and '_', beginning with a letter or digit: names of plans and tenants.
bool account_name_valid(struct bytes name);

// The plans that a new store begins with; ends with a row whose name is NULL.
struct stock_plan {
    const char *name;
    const char *document;
};
extern const struct stock_plan stock_plans[];
