// SPDX-License-Identifier: Apache-2.0
// Policies and their faults as JSON, for the service and the command line alike. Needs jansson; any thread.
#pragma once

#include "policies/diagnostics.h"
#include "policies/diff.h"
#include "policies/policy.h"

#include <jansson.h>

// {"name", "description", "version", "extends": [parents, nearest first], "document": the resolved document,
//  "origins": {"/limits/cpu_ms": "default", "/lua/allow": {"load": "trusted", ...}, ...}}.
// A new reference, NULL when out of memory.
json_t *policy_describe(const struct policy *policy);
// "origins" alone.
json_t *policy_describe_origins(const struct policy *policy);
// [{"pointer", "item", "before", "after", "effect", "words"}]; null where there is nothing.
json_t *policy_describe_changes(const struct policy_changes *changes);
// What diagnostics_put writes, as a tree.
json_t *diagnostics_describe(const struct diagnostics *diagnostics);
