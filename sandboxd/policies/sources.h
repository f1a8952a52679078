// SPDX-License-Identifier: Apache-2.0
// Where the live documents come from: the policy folder, and what was put over HTTP, which takes the place of
// a file until that file changes. The last change wins, whichever way it came.
#pragma once

#include "base/error.h"
#include "policies/policy_set.h"
#include "sandboxd/store/policy_rows.h"

#include <stdbool.h>

struct store;

struct live_sources {
    struct policy_sources files;  // the folder as it was read last
    struct policy_sources merged; // with what was put over HTTP
};

void live_sources_init(struct live_sources *sources);
void live_sources_free(struct live_sources *sources);
// Reads the folder and the store. Documents in the store whose file has changed since are left out;
// live_sources_outdated finds them.
bool live_sources_read(struct live_sources *sources, const char *folder, struct store *store,
                       struct error *err);
// A copy, to change.
bool live_sources_copy(const struct live_sources *from, struct live_sources *ret_copy, struct error *err);
// Puts a document over what is there.
bool live_sources_put(struct live_sources *sources, const char *name, struct bytes document,
                      struct error *err);
// True if the document of that name was put over HTTP.
bool live_sources_was_put(const struct live_sources *sources, const char *name);
// SHA-256 of the file of that name, in hex; "" if there is none.
void live_sources_file_hash(const struct live_sources *sources, const char *name, char hash[FILE_HASH_SIZE]);
// Drops documents from the store that the folder has overtaken. Inside store_transact.
bool live_sources_drop_outdated(const struct live_sources *sources, struct database *db, struct error *err);
