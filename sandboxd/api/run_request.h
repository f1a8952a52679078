// SPDX-License-Identifier: Apache-2.0
// The body of POST /v1/runs, split; and a run's limits, from its policy and what the request asked for.
#pragma once

#include "base/bytes.h"
#include "packaging/manifest.h"
#include "packaging/version_range.h"
#include "policies/diagnostics.h"
#include "policies/policy.h"
#include "runtime/engine/engine.h"
#include "sandboxd/accounts/plan.h"

#include <stdbool.h>
#include <stdint.h>

// Not its header: jansson has names of its own for the same kinds of values.
struct json_fault;

struct run_envelope {
    struct bytes code; // data NULL: not given
    char *code_owned;
    char tenant[TENANT_ID_SIZE];        // in whose name an admin asks; "": not given
    char plugin[PLUGIN_FULL_NAME_SIZE]; // instead of code; "": not given
    char version[RANGE_TEXT_MAX + 1];   // of the plugin: one, or a range; "": not given
    struct bytes context;               // raw JSON text; "null" if not given
    bool policy_given;
    char policy[POLICY_NAME_MAX + 1]; // "default" if it is not given
    bool limit_given[RUN_LIMIT_COUNT];
    uint64_t limit[RUN_LIMIT_COUNT];
    bool seed_given;
    uint64_t seed; // 0 if not given
    char chunk_name[MODULE_NAME_MAX + 1];
    bool count_instructions;
    bool profile;
};

// Reads `body`, which must outlive the envelope. False: it is no JSON (`ret_fault`). Faults of its content go
// to `faults`. In any case the caller calls run_envelope_free.
bool run_envelope_read(struct bytes body, struct run_envelope *ret_envelope, struct diagnostics *faults,
                       struct json_fault *ret_fault);
void run_envelope_free(struct run_envelope *envelope);

// The limits of the run: the policy's, lowered by a plugin's manifest and to the plan's ceilings (NULL:
// none), or what the request asks for. That must lie between the limit's minimum and both ceilings; every one
// that does not is a fault. False if there was one.
bool run_limits_resolve(const struct policy *policy, const struct manifest *manifest, const struct plan *plan,
                        const struct run_envelope *envelope, struct effective_limits *ret_limits,
                        struct diagnostics *faults);
