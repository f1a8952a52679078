// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/background.h"

#include <pthread.h>
#include <stdlib.h>

struct job {
    void (*work)(void *context);
    void *context;
};

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

bool background_add(struct background *background, void (*work)(void *context), void *context)
{
    pthread_mutex_lock(&background->lock);
    bool fits = background->count < background->capacity && !background->stopping;
    if (fits) {
        unsigned at = (background->head + background->count++) % background->capacity;
        background->jobs[at] = (struct job){.work = work, .context = context};
        pthread_cond_signal(&background->wake);
    }
    pthread_mutex_unlock(&background->lock);
    return fits;
}
