// SPDX-License-Identifier: Apache-2.0
// Documents that extend each other, merged into policies.
#pragma once

#include "policies/policy.h"
#include "policies/policy_document.h"

#include <stddef.h>

// Merges documents[index] over what it extends, checks what can only be checked then (limits against
// ceilings), and gives the policy with one reference, its canonical form and version made. Faults go to
// `diagnostics`. NULL if there was one, or if a document in its chain is not good: that was reported where it
// is.
struct policy *policy_resolve(const struct policy_document *documents, size_t count, size_t index,
                              struct diagnostics *diagnostics);

// Adds a fault for every document that extends itself in a circle, one that does not exist, or too many.
// To be called once before policy_resolve, with all documents.
void policy_check_chains(struct policy_document *documents, size_t count, struct diagnostics *diagnostics);
