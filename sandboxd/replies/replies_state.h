// SPDX-License-Identifier: Apache-2.0
// The inside of replies. Only for sandboxd/replies/.
#pragma once

#include "sandboxd/replies/known_replies.h"

#include <pthread.h>

struct replies {
    struct store *store;
    pthread_t keeper;
    bool keeper_runs;     // it was started, and not waited for
    pthread_mutex_t lock; // for what follows
    pthread_cond_t wake;  // of the keeper
    bool finishing;
    struct known_replies known;
};

// keeper.c: the thread that writes answers.
bool keeper_start(struct replies *replies, struct error *err);
