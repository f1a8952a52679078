// SPDX-License-Identifier: Apache-2.0
// All policies of a folder, read and resolved as a whole. Immutable once made; not thread-safe while made.
#pragma once

#include "base/error.h"
#include "policies/diagnostics.h"
#include "policies/policy.h"

#include <stdbool.h>
#include <stddef.h>

struct policy_set;

// Reads every *.json of `folder` but *.schema.json. All faults of all files go to `diagnostics`; NULL if
// there was any, or the folder cannot be read (`err`). The caller frees the set.
struct policy_set *policy_set_load(const char *folder, struct diagnostics *diagnostics, struct error *err);
void policy_set_free(struct policy_set *set);

size_t policy_set_count(const struct policy_set *set);
// In the order of their names. Borrowed: take a reference to keep one.
struct policy *policy_set_at(const struct policy_set *set, size_t index);
// NULL if there is no policy of that name.
struct policy *policy_set_find(const struct policy_set *set, const char *name);
