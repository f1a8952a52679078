// SPDX-License-Identifier: Apache-2.0
// One change of the live policies, from checked documents to a kept version. Only for sandboxd/policies/;
// the caller holds change_lock.
#pragma once

#include "sandboxd/policies/live.h"

struct database;

// What is to become live. Taken over by apply_change where it succeeds.
struct proposal {
    struct live_sources sources;
    struct policy_set *set;
    // The document that was put, or data NULL: taken away; name NULL: the folder was read again.
    const char *name;
    struct bytes document;
};

void proposal_free(struct proposal *proposal);
// What the proposal would change. The caller frees it.
bool proposal_compare(struct service *service, const struct proposal *proposal,
                      struct live_change *ret_change, struct error *err);
// Swaps in the engine, keeps in the store, and makes it what is live.
enum live_verdict apply_change(struct service *service, struct proposal *proposal,
                               const struct live_change *change, const struct change_author *author,
                               struct error *err);
// Starts every policy of the set; those that cannot start are down, and the others go on. Returns how many
// are up.
size_t start_each(struct service *service, const struct policy_set *set, struct error *ret_last);

// record.c: the change as rows of the store.
bool record_change(struct service *service, const struct proposal *proposal, const struct live_change *change,
                   const struct change_author *author, struct error *err);
