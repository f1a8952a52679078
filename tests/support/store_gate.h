// SPDX-License-Identifier: Apache-2.0
// A store whose writer is held up until a test lets it go on.
#pragma once

#include "sandboxd/store/store.h"
#include "tests/support/cmocka_all.h"

#include <pthread.h>
#include <semaphore.h>

struct gate {
    struct store *store;
    pthread_t thread;
    sem_t entered, leave;
};

static inline bool wait_at_gate(struct database *db, void *gate_, struct error *err)
{
    struct gate *gate = gate_;
    (void)db;
    (void)err;
    sem_post(&gate->entered);
    sem_wait(&gate->leave);
    return true;
}

static inline void *stand_at_gate(void *gate_)
{
    struct gate *gate = gate_;
    store_transact(gate->store, wait_at_gate, gate, NULL);
    return NULL;
}

static inline void stop_writer(struct gate *gate)
{
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->leave, 0, 0);
    assert_int_equal(pthread_create(&gate->thread, NULL, stand_at_gate, gate), 0);
    sem_wait(&gate->entered);
}

static inline void let_writer_go(struct gate *gate)
{
    sem_post(&gate->leave);
    pthread_join(gate->thread, NULL);
}
