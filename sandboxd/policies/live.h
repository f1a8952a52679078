// SPDX-License-Identifier: Apache-2.0
// The policies that are live, and changing them: from the folder at start and at SIGHUP, from a request, from
// an earlier version. A change is checked as a whole, then the engine swaps, then the store keeps it; where
// any of them says no, everything is as it was. Every change is in the audit log.
//
// One change at a time; a change waits for zygotes, so none may come from an HTTP thread.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "policies/diagnostics.h"
#include "policies/policy_set.h"
#include "sandboxd/policies/sources.h"

#include <pthread.h>
#include <stdbool.h>

struct service;

// A policy that is known but cannot run on this host.
struct down_policy {
    char name[POLICY_NAME_MAX + 1];
    char version[POLICY_VERSION_SIZE];
    char reason[ERROR_TEXT_SIZE];
};

struct live_policies {
    pthread_mutex_t change_lock; // held during a change
    struct live_sources sources; // what `set` was made of
    pthread_mutex_t lock;        // short: for what follows, and for the change of `service->policies`
    struct down_policy *down;
    size_t down_count;
    char reload_problem[ERROR_TEXT_SIZE]; // of the last reload; "" if it was good
};

// Who changes, for the audit log. NULL where there is none.
struct change_author {
    const char *actor;
    const char *remote;
    const char *request_id;
    const char *reason;              // "start", "file", "put", "rollback"
    const struct reply_row *promise; // kept with the change
};

// Of the policy that a change was about, and of those that extend it.
struct changed_policy {
    struct policy *before; // NULL: it is new
    struct policy *after;  // NULL: it is gone
};
struct live_change {
    struct changed_policy *items;
    size_t count;
};
void live_change_free(struct live_change *change);

bool live_init(struct service *service, struct error *err);
void live_free(struct service *service);

// Reads folder and store, and starts a zygote for each policy. One that cannot run on this host is down: its
// runs are refused with the reason. A document that was put over HTTP and has a fault by now gives way to the
// version that was live last. False if a file has a fault, or no policy can run.
bool live_start(struct service *service, struct error *err);
// Reads the folder again. All policies are swapped, or none. `ret_count`: how many there are now.
bool live_reload(struct service *service, size_t *ret_count, struct error *err);

enum live_verdict {
    LIVE_DONE,
    LIVE_FAULTY,    // `faults` says where
    LIVE_STALE,     // the precondition does not hold; `err` says what is live
    LIVE_NOT_FOUND, // no such policy or version
    LIVE_IN_USE,    // it cannot be taken away: `err` says why
    LIVE_NO_START,  // its zygote cannot start: `err` says why
    LIVE_NOT_KEPT,  // the store could not keep it
};

// What a change requires of what is live.
struct live_precondition {
    const char *if_match;      // list of entity tags or "*"; NULL: none
    const char *if_none_match; // likewise
};

// Puts one document in place, its policy's name given. `ret_change`: what became different; the caller frees
// it.
enum live_verdict live_put(struct service *service, const char *name, struct bytes document,
                           const struct live_precondition *precondition, const struct change_author *author,
                           struct diagnostics *faults, struct live_change *ret_change, struct error *err);
// Makes an earlier version live again: `version`, or the last one before what is live (NULL); also of a
// policy that was taken away.
enum live_verdict live_rollback(struct service *service, const char *name, const char *version,
                                const struct live_precondition *precondition,
                                const struct change_author *author, struct live_change *ret_change,
                                struct error *err);
// Takes a policy away that was put over HTTP. Its versions are kept: live_rollback brings it back.
enum live_verdict live_remove(struct service *service, const char *name,
                              const struct live_precondition *precondition,
                              const struct change_author *author, struct live_change *ret_change,
                              struct error *err);
// What live_put would do, short of doing it. The document says its own name.
enum live_verdict live_check(struct service *service, struct bytes document, struct diagnostics *faults,
                             struct live_change *ret_change, struct error *err);

// Takes a reference of the live policy; NULL if there is none of that name.
struct policy *live_policy(struct service *service, const char *name);
// Why a policy cannot run on this host. False if it can, or there is none of that name.
bool live_problem(struct service *service, const char *name, char *text, size_t size);
// A copy of the document as it was written, and where it came from ("file", "http"); NULL if there is none.
char *live_document(struct service *service, const char *name, const char **ret_kind);
