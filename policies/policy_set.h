// SPDX-License-Identifier: Apache-2.0
// All policies of a folder, read and resolved as a whole. Immutable once made; not thread-safe while made.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "policies/diagnostics.h"
#include "policies/policy.h"

#include <stdbool.h>
#include <stddef.h>

struct policy_set;

// Documents by the names of their policies, as they come: from folders, from a request, from a command line.
// A later one of the same name takes the place of an earlier one.
struct policy_source {
    char *file; // owned: how faults name it
    char *name; // owned: what the policy must be called; NULL if the document alone says
    char *text; // owned
    size_t length;
};
struct policy_sources {
    struct policy_source *items;
    size_t count;
    size_t capacity;
};

void policy_sources_init(struct policy_sources *sources);
void policy_sources_free(struct policy_sources *sources);
// Adds a document, or replaces the one of the same name. Copies everything.
bool policy_sources_add(struct policy_sources *sources, const char *file, const char *name, struct bytes text,
                        struct error *err);
// Adds every *.json of `folder` but *.schema.json; the name is the file's.
bool policy_sources_add_folder(struct policy_sources *sources, const char *folder, struct error *err);
// Adds one file; the name is the document's own, whatever the file is called.
bool policy_sources_add_file(struct policy_sources *sources, const char *path, struct error *err);
// Takes the document of that name out; false if there is none.
bool policy_sources_remove(struct policy_sources *sources, const char *name);
// NULL if there is none of that name.
const struct policy_source *policy_sources_find(const struct policy_sources *sources, const char *name);

// Reads and resolves all sources together. All faults of all documents go to `diagnostics`, sorted; NULL if
// there was any. Keeps nothing of `sources`. The caller frees the set.
struct policy_set *policy_set_make(const struct policy_sources *sources, struct diagnostics *diagnostics,
                                   struct error *err);

// Reads every *.json of `folder` but *.schema.json. All faults of all files go to `diagnostics`; NULL if
// there was any, or the folder cannot be read (`err`). The caller frees the set.
struct policy_set *policy_set_load(const char *folder, struct diagnostics *diagnostics, struct error *err);
void policy_set_free(struct policy_set *set);

size_t policy_set_count(const struct policy_set *set);
// In the order of their names. Borrowed: take a reference to keep one.
struct policy *policy_set_at(const struct policy_set *set, size_t index);
// All of them, in that order, for engine_set_policies. Borrowed.
struct policy *const *policy_set_items(const struct policy_set *set);
// NULL if there is no policy of that name.
struct policy *policy_set_find(const struct policy_set *set, const char *name);
