// SPDX-License-Identifier: Apache-2.0
// Policies as they are named on a command line: a stock one, or the path of a document. Main thread only.
#pragma once

#include "base/error.h"
#include "policies/policy_set.h"

#include <stdbool.h>
#include <stdio.h>

// True if `named` is a path: it has a '/' or ends in ".json".
bool policy_source_is_path(const char *named);

// The policy that `named` means. A document's parents are looked up beside it, then among the stock
// policies. Faults of documents are printed on standard error as file:line:column; then `err` only says how
// many there are. The caller unrefs the policy.
struct policy *policy_source_load(const char *named, struct error *err);

// The stock documents, those beside `path` that are policies, and `path` itself. NULL `path`: stock alone.
bool policy_source_collect(struct policy_sources *sources, const char *path, struct error *err);

// One line each: "file:line:column: pointer: message".
void diagnostics_print(const struct diagnostics *diagnostics, FILE *to);
