// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/threads.h"

#include "base/require.h"

#include <pthread.h>
#include <stdlib.h>

struct http_thread {
    pthread_t id;
    int listen_fd;
    unsigned handed_out;
    unsigned unnamed; // connections that found no room in `fd`
    unsigned count;
    int fd[HTTP_OTHERS_MAX];
};

struct http_threads {
    pthread_mutex_t lock; // for who is who
    unsigned known;
    unsigned count;
    int listen_fd;
    struct http_thread thread[];
};

struct http_threads *http_threads_new(unsigned count, int listen_fd)
{
    struct http_threads *threads = calloc(1, sizeof(*threads) + count * sizeof(threads->thread[0]));
    if (threads == NULL)
        return NULL;
    pthread_mutex_init(&threads->lock, NULL);
    threads->count = count;
    threads->listen_fd = listen_fd;
    return threads;
}

void http_threads_free(struct http_threads *threads)
{
    if (threads == NULL)
        return;
    pthread_mutex_destroy(&threads->lock);
    free(threads);
}

// With the lock held.
static struct http_thread *find_or_add(struct http_threads *threads)
{
    for (unsigned i = 0; i < threads->known; i++)
        if (pthread_equal(threads->thread[i].id, pthread_self()))
            return &threads->thread[i];
    if (threads->known == threads->count)
        return NULL;
    struct http_thread *thread = &threads->thread[threads->known++];
    thread->id = pthread_self();
    thread->listen_fd = threads->listen_fd;
    return thread;
}

struct http_thread *http_thread_current(struct http_threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    struct http_thread *thread = find_or_add(threads);
    pthread_mutex_unlock(&threads->lock);
    return thread;
}

void http_thread_add(struct http_thread *thread, int fd)
{
    if (thread->count < HTTP_OTHERS_MAX)
        thread->fd[thread->count++] = fd;
    else
        thread->unnamed++;
}

void http_thread_remove(struct http_thread *thread, int fd)
{
    for (unsigned i = 0; i < thread->count; i++) {
        if (thread->fd[i] == fd) {
            thread->fd[i] = thread->fd[--thread->count];
            return;
        }
    }
    require(thread->unnamed > 0);
    thread->unnamed--;
}

void http_thread_hand_out(struct http_thread *thread)
{
    thread->handed_out++;
}

void http_thread_take_back(struct http_thread *thread)
{
    require(thread->handed_out > 0);
    thread->handed_out--;
}

bool http_thread_others(const struct http_thread *thread, int fd, int ret_fds[HTTP_OTHERS_MAX],
                        unsigned *ret_count)
{
    if (thread->handed_out > 0 || thread->unnamed > 0)
        return false;
    unsigned count = 0;
    ret_fds[count++] = thread->listen_fd;
    for (unsigned i = 0; i < thread->count; i++) {
        if (thread->fd[i] == fd)
            continue;
        if (count == HTTP_OTHERS_MAX)
            return false;
        ret_fds[count++] = thread->fd[i];
    }
    *ret_count = count;
    return true;
}
