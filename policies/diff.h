// SPDX-License-Identifier: Apache-2.0
// What changes from one resolved policy to another, member by member and in words: for a preview before it is
// live, for the audit log, for the command line. Any thread.
#pragma once

#include "base/error.h"
#include "policies/members.h"
#include "policies/policy.h"

#include <stdbool.h>
#include <stddef.h>

enum change_effect {
    CHANGE_TIGHTER, // a plugin that ran before may not now
    CHANGE_LOOSER,  // a plugin may do more than before
    CHANGE_OTHER,
};

struct policy_change {
    enum policy_member member;
    enum change_effect effect;
    char *item;   // owned: what was added to or taken from a list; NULL for a member with one value
    char *before; // owned: in words, "256 MiB"; NULL if there was nothing
    char *after;  // owned; NULL if there is nothing
    char *words;  // owned: one line, "memory 256 MiB → 64 MiB"
};

struct policy_changes {
    struct policy_change *items;
    size_t count;
    size_t capacity;
};

// From `before` (NULL: there was none, and every value is new) to `after`, in the order of the member table.
// Names are not compared, and neither are ceilings where they are the same as their limits. False only if
// memory ran out. The caller frees the changes.
bool policy_diff(const struct policy *before, const struct policy *after, struct policy_changes *ret_changes,
                 struct error *err);
void policy_changes_free(struct policy_changes *changes);

const char *change_effect_name(enum change_effect effect); // "tighter", "looser", "other"
// What people call what a limit bounds: "memory", "CPU time".
const char *limit_in_words(enum run_limit limit);
// The value in words: "256 MiB", "no limit".
void limit_value_in_words(enum run_limit limit, uint64_t value, char *text, size_t size);
