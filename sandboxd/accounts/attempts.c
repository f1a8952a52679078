// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/attempts.h"

#include "base/clock.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1024 };

struct attempts {
    pthread_mutex_t lock;
    unsigned char seed[crypto_shorthash_KEYBYTES];
    // Buckets as the generic cell rate algorithm keeps them: the one moment at which each is full again.
    uint64_t full_at_ns[SLOTS];
};

struct attempts *attempts_new(struct error *err)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);
    if (attempts == NULL) {
        error_set(err, ERROR_MEMORY, "no memory to count failed attempts");
        return NULL;
    }
    pthread_mutex_init(&attempts->lock, NULL);
    randombytes_buf(attempts->seed, sizeof attempts->seed);
    return attempts;
}

void attempts_free(struct attempts *attempts)
{
    if (attempts == NULL)
        return;
    pthread_mutex_destroy(&attempts->lock);
    free(attempts);
}

bool attempts_take(struct attempts *attempts, const char *address, uint64_t now_ns, uint64_t *ret_wait_ms)
{
    const uint64_t refill_ns = ATTEMPT_REFILL_MS * NS_PER_MS;
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)address, strlen(address), attempts->seed);
    pthread_mutex_lock(&attempts->lock);
    uint64_t *slot = &attempts->full_at_ns[hash % SLOTS];
    uint64_t full_at_ns = (*slot > now_ns ? *slot : now_ns) + refill_ns;
    uint64_t horizon_ns = now_ns + ATTEMPTS_BURST * refill_ns;
    bool within = full_at_ns <= horizon_ns;
    if (within)
        *slot = full_at_ns;
    else
        *ret_wait_ms = (full_at_ns - horizon_ns) / NS_PER_MS + 1;
    pthread_mutex_unlock(&attempts->lock);
    return within;
}
