// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/background.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct job {
    void (*work)(void *context);
    void *context;
    const char *tenant; // "": nobody's
};

enum { TENANTS_SHARE = 2, TENANT_SHARE = 8 }; // one part of so many

struct background {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    unsigned capacity, head, count;
    struct job jobs[];
};

static void *serve(void *background_)
{
    struct background *background = background_;
    pthread_mutex_lock(&background->lock);
    for (;;) {
        while (background->count == 0 && !background->stopping)
            pthread_cond_wait(&background->wake, &background->lock);
        if (background->count == 0)
            break;
        struct job job = background->jobs[background->head];
        background->head = (background->head + 1) % background->capacity;
        background->count--;
        pthread_mutex_unlock(&background->lock);
        job.work(job.context);
        pthread_mutex_lock(&background->lock);
    }
    pthread_mutex_unlock(&background->lock);
    return NULL;
}

struct background *background_new(const char *thread_name, unsigned capacity, struct error *err)
{
    struct background *background = calloc(1, sizeof *background + capacity * sizeof background->jobs[0]);
    if (!background) {
        error_set(err, ERROR_MEMORY, "no memory for the thread \"%s\"", thread_name);
        return NULL;
    }
    background->capacity = capacity;
    pthread_mutex_init(&background->lock, NULL);
    pthread_cond_init(&background->wake, NULL);
    int failed = pthread_create(&background->thread, NULL, serve, background);
    if (failed != 0) {
        error_system(err, failed, "cannot start the thread \"%s\"", thread_name);
        free(background);
        return NULL;
    }
    pthread_setname_np(background->thread, thread_name);
    return background;
}

void background_finish(struct background *background)
{
    if (!background)
        return;
    pthread_mutex_lock(&background->lock);
    bool running = !background->stopping;
    background->stopping = true;
    pthread_cond_signal(&background->wake);
    pthread_mutex_unlock(&background->lock);
    if (running)
        pthread_join(background->thread, NULL);
}

void background_free(struct background *background)
{
    if (!background)
        return;
    background_finish(background);
    pthread_cond_destroy(&background->wake);
    pthread_mutex_destroy(&background->lock);
    free(background);
}

// Shares of small queues are one place at least.
static bool in_share(unsigned count, unsigned capacity, unsigned share)
{
    return count < capacity / share || count == 0;
}

// With the lock held.
static bool has_room(const struct background *background, const char *tenant)
{
    if (background->count == background->capacity || background->stopping)
        return false;
    if (tenant[0] == '\0')
        return true;
    unsigned of_tenants = 0, of_this = 0;
    for (unsigned i = 0; i < background->count; i++) {
        const char *owner = background->jobs[(background->head + i) % background->capacity].tenant;
        of_tenants += owner[0] != '\0';
        of_this += strcmp(owner, tenant) == 0;
    }
    return in_share(of_tenants, background->capacity, TENANTS_SHARE) &&
           in_share(of_this, background->capacity, TENANT_SHARE);
}

bool background_add_for(struct background *background, const char *tenant, void (*work)(void *context),
                        void *context)
{
    pthread_mutex_lock(&background->lock);
    bool fits = has_room(background, tenant);
    if (fits) {
        unsigned at = (background->head + background->count++) % background->capacity;
        background->jobs[at] = (struct job){.work = work, .context = context, .tenant = tenant};
        pthread_cond_signal(&background->wake);
    }
    pthread_mutex_unlock(&background->lock);
    return fits;
}

bool background_add(struct background *background, void (*work)(void *context), void *context)
{
    return background_add_for(background, "", work, context);
}
