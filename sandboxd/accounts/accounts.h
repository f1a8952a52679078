// SPDX-License-Identifier: Apache-2.0
// Tenants, their plans and their keys. The store is what counts; everything that a run needs to know is kept
// in memory besides, and changed right after the store, before a change is answered: a revoked key is
// refused from its answer on, and a run costs no SQL. What denies is the other way round: a key that is
// revoked and a tenant that is suspended are refused in memory first, and stay refused where the store cannot
// be told.
//
// accounts_identify, accounts_plan and the like may be called by any thread, and take a lock that is held for
// a moment only. Changes wait for the disk: not from HTTP threads.
#pragma once

#include "base/error.h"
#include "policies/diagnostics.h"
#include "sandboxd/accounts/api_key.h"
#include "sandboxd/accounts/identity.h"
#include "sandboxd/accounts/plan.h"
#include "sandboxd/store/store.h"
#include "sandboxd/store/tenant_rows.h"

#include <stdbool.h>
#include <stdint.h>

struct accounts;

// Reads everything; a store without plans gets the stock ones.
struct accounts *accounts_open(struct store *store, struct error *err);
void accounts_close(struct accounts *accounts); // NULL is fine

enum key_verdict { KEY_GOOD, KEY_UNKNOWN, KEY_EXPIRED, KEY_SUSPENDED };
enum { SUSPENSION_SIZE = 201 };

// Whose key this is. An unknown id and a wrong secret take the same time and give the same answer.
// KEY_SUSPENDED tells why in `ret_suspended`.
enum key_verdict accounts_identify(struct accounts *accounts, struct bytes key, int64_t now_ms,
                                   struct identity *ret_identity, char ret_suspended[SUSPENSION_SIZE]);
// Whether an admin may ask in the name of a tenant: KEY_UNKNOWN if there is none, or KEY_SUSPENDED.
enum key_verdict accounts_stand_in(struct accounts *accounts, const char *tenant,
                                   char ret_suspended[SUSPENSION_SIZE]);
// The plan of a tenant; the caller unrefs it. NULL if there is no such tenant.
struct plan *accounts_plan(struct accounts *accounts, const char *tenant);
bool accounts_know_tenant(struct accounts *accounts, const char *tenant);
// Whether some admin's key can still be used.
bool accounts_have_admin(struct accounts *accounts, int64_t now_ms);
// When a key was last used, as far as is known here: 0 if it was not, or there is none. Newer than the store.
int64_t accounts_key_used_ms(struct accounts *accounts, const char *id);
// Has the store keep when keys were last used. Waits for the disk: once in a while, not for each use.
bool accounts_keep_usage(struct accounts *accounts, struct error *err);

// Who changes, for the audit log.
struct account_author {
    const char *actor;
    const char *remote;              // NULL: not over the network
    const char *request_id;          // likewise
    const struct reply_row *promise; // kept with the change; NULL: no Idempotency-Key
};

struct key_wish {
    const char *tenant; // "" for an admin's key
    const char *name;
    int64_t expires_ms; // 0: never
};
// ERROR_NOT_FOUND without such a tenant; ERROR_LIMIT beyond KEYS_MAX keys. `ret_text` is the only copy of the
// secret: the caller wipes it.
bool accounts_make_key(struct accounts *accounts, const struct key_wish *wish,
                       const struct account_author *author, struct api_key *ret_key,
                       char ret_text[API_KEY_SIZE], struct error *err);
// The same with a key that was made already: for who has to have it in a safe place first.
bool accounts_add_key(struct accounts *accounts, const struct key_wish *wish,
                      const struct account_author *author, const struct api_key *key, struct error *err);
// True: it is refused from now on. With `ret_stored` false the store does not know, `err` says why, and it is
// accounts_store_denials that tells it; a process that ends before forgets it.
bool accounts_revoke_key(struct accounts *accounts, const char *tenant, const char *id,
                         const struct account_author *author, bool *ret_stored, struct error *err);
// Has the store keep what was denied without it, and tells how many it keeps now. False: some are left.
bool accounts_store_denials(struct accounts *accounts, unsigned *ret_stored, struct error *err);
enum { KEYS_MAX = 100 }; // of one tenant

// `row` gives id, name, suspension and plan. ERROR_CONFLICT if the id is taken, ERROR_INVALID without such a
// plan.
bool accounts_add_tenant(struct accounts *accounts, const struct tenant_row *row,
                         const struct account_author *author, struct error *err);
// What is to change: NULL leaves a member as it is.
struct tenant_change {
    const char *name;
    const char *suspended; // "": no longer
    const char *plan;
};
// `ret_stored` is false only of a change that suspends, as for accounts_revoke_key.
bool accounts_change_tenant(struct accounts *accounts, const char *id, const struct tenant_change *change,
                            const struct account_author *author, bool *ret_stored, struct error *err);
bool accounts_delete_tenant(struct accounts *accounts, const char *id, const struct account_author *author,
                            struct error *err);

// Makes or replaces a plan; its tenants are under the new one from their next run on. False with faults, or
// with an error.
bool accounts_put_plan(struct accounts *accounts, const char *name, struct bytes document,
                       const struct account_author *author, struct diagnostics *faults, struct error *err);
// The name of a plan that names this policy, into `ret_plan`. False if none does.
bool accounts_policy_in_plan(struct accounts *accounts, const char *policy, char ret_plan[PLAN_NAME_SIZE]);
