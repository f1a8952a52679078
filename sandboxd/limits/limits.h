// SPDX-License-Identifier: Apache-2.0
// Who may ask how often, run how much at once, and spend how much: of a key, of its tenant, and of all
// together. Everything that is asked for is taken at once or not at all, under one lock, so that limits hold
// exactly however many ask together. Hours, days and money survive a restart, also a kill. What was spent is
// the sum of the runs in the store, those that wait for room there too, exactly. Of requests the store knows
// a mark that the count never passes, at most a sixteenth of the limit ahead (marks.h): that is what a kill
// may cost, and a window costs some twenty writes, of which all but the first are made before anybody needs
// them.
//
// This is one process' memory behind a small interface; several nodes need a shared one behind the same.
// Any thread. limits_take may wait for the disk at the beginning of a window, or where requests come faster
// than the disk can write; a quarter of a second at most, and then not again for a second. What went on
// without the disk is counted in memory alone.
#pragma once

#include "base/error.h"
#include "sandboxd/accounts/identity.h"
#include "sandboxd/limits/quota.h"
#include "sandboxd/store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum limit_scope { SCOPE_KEY, SCOPE_TENANT, SCOPE_GLOBAL, LIMIT_SCOPE_COUNT };
const char *limit_scope_name(enum limit_scope scope);

struct limits;

// Reads what was counted. NULL with an error. `logger` outlives it; may be NULL.
struct limits *limits_open(struct store *store, struct logger *logger, struct error *err);
// Has the store keep exact counts, then frees. NULL is fine.
void limits_close(struct limits *limits);

// One wish: one request, or one run. Which of the units are looked at is said by `units`.
struct limit_wish {
    const char *key;    // "": none
    const char *tenant; // "": none
    struct quotas quotas[LIMIT_SCOPE_COUNT];
    unsigned units;        // bits of enum quota_unit: QUOTA_REQUESTS or QUOTA_RUNS
    uint64_t cost_micros;  // what it may cost at most
    uint64_t least_micros; // of that, what will hardly come back: nobody is told to wait for it
};

struct limit_state {
    enum limit_scope scope;
    enum quota_unit unit;
    uint64_t maximum;
    struct quota_rest rest;
};

// What a run holds until it ends.
struct limit_hold {
    char tenant[TENANT_ID_SIZE];
    uint64_t cost_micros, least_micros;
    int64_t start_ms[LIMIT_SCOPE_COUNT][QUOTA_UNIT_COUNT]; // of the windows that it was taken in
};

// Takes all of it; of a run, `ret_hold` is to be settled when it ends (NULL for requests). False: `ret_state`
// is the limit that refuses, the one with the longest wait (its maximum is QUOTA_NONE where there was no
// memory to count). Else it is the one that is closest to its end; with no limit at all its maximum is
// QUOTA_NONE.
bool limits_take(struct limits *limits, const struct limit_wish *wish, struct limit_state *ret_state,
                 struct limit_hold *ret_hold);
// A key was revoked, or with key "" a tenant deleted, with all its keys: what they used is forgotten. Runs of
// theirs that go on are settled all the same. Waits for the disk.
void limits_forget(struct limits *limits, const char *tenant, const char *key);
// Requests that went on since the start although the store did not say in time that it had their count.
uint64_t limits_unwritten(const struct limits *limits);
// What all runs of this day cost, those that go on at the most that they can. Takes no lock.
uint64_t limits_cost_today(const struct limits *limits);
// The run has ended, and cost this: the rest is given back.
void limits_settle(struct limits *limits, const struct limit_hold *hold, uint64_t cost_micros);
