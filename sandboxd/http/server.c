// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/server.h"

#include "sandboxd/http/exchange.h"

#include "base/clock.h"
#include "base/require.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Above http.max_connections, so that there is room to say 503 instead of leaving a client in the backlog.
enum { CONNECTIONS_TO_REFUSE = 256 };

static bool start_listener(struct http_server *server, const struct http_endpoint *endpoint,
                           struct error *err)
{
    struct http_listener *listener = &server->listener[server->listener_count];
    *listener = (struct http_listener){
        .server = server, .surfaces = endpoint->surfaces, .shared = endpoint->shared, .quiesced_fd = -1};
    unsigned threads = endpoint->threads > 0 ? endpoint->threads : 1;
    listener->threads = http_threads_new(threads, endpoint->fd);
    if (listener->threads == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for the HTTP server");
    // The library divides its limit among its threads, and connections are not spread evenly.
    unsigned limit = (server->options.max_connections + CONNECTIONS_TO_REFUSE) * threads;
    struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
                                    {MHD_OPTION_END, 0, NULL}};
    if (threads < 2)
        pool[0] = pool[1];
    // Turbo: sockets are read and written before they are waited for, and watched only when that would block.
    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL,
        exchange_continue, listener, MHD_OPTION_LISTEN_SOCKET, endpoint->fd, MHD_OPTION_ARRAY, pool,
        MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_CONNECTION_TIMEOUT,
        (server->options.idle_timeout_ms + 999) / 1000 + 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, listener,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_end, listener, MHD_OPTION_NOTIFY_CONNECTION,
        exchange_connection, listener, MHD_OPTION_END);
    if (listener->daemon == NULL) {
        error_system(err, errno, "cannot serve HTTP on %s", endpoint->name);
        http_threads_free(listener->threads);
        return false;
    }
    server->listener_count++;
    return true;
}

struct http_server *http_server_new(const struct http_options *options, struct error *err)
{
    struct http_server *server = calloc(1, sizeof(*server));
    struct client_hooks hooks = {
        .expired = exchange_expired, .departed = options->departed, .app = options->app};
    if (server == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the HTTP server");
        return NULL;
    }
    server->options = *options;
    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->drained, &attributes);
    pthread_condattr_destroy(&attributes);
    server->clients = clients_new(&hooks, options->max_connections, options->idle_timeout_ms, err);
    if (server->clients != NULL)
        return server;
    http_server_stop(server);
    return NULL;
}

bool http_server_listen(struct http_server *server, const struct http_endpoint *endpoints,
                        unsigned endpoint_count, struct error *err)
{
    require(server->listener_count == 0 && endpoint_count <= LISTENERS_MAX);
    for (unsigned i = 0; i < endpoint_count; i++) {
        if (start_listener(server, &endpoints[i], err))
            continue;
        for (; i < endpoint_count; i++)
            close(endpoints[i].fd);
        return false;
    }
    return true;
}

void http_server_refuse_new(struct http_server *server)
{
    atomic_store(&server->refusing, true);
    for (unsigned i = 0; i < server->listener_count; i++) {
        struct http_listener *listener = &server->listener[i];
        int fd = MHD_quiesce_daemon(listener->daemon);
        if (fd < 0)
            continue;
        // The library's threads have yet to take it out of their epoll sets, and abort if it is closed by
        // then. Shut down, it refuses whoever comes.
        listener->quiesced_fd = fd;
        if (!listener->shared)
            shutdown(fd, SHUT_RDWR);
    }
}

bool http_server_refusing(const struct http_server *server)
{
    return atomic_load(&server->refusing);
}

unsigned http_server_requests(const struct http_server *server)
{
    return atomic_load(&server->open_requests);
}

unsigned http_server_suspended(const struct http_server *server)
{
    return atomic_load(&server->suspended_requests);
}

unsigned http_server_connections(const struct http_server *server)
{
    return clients_count(server->clients);
}

bool http_server_drain(struct http_server *server, uint32_t timeout_ms)
{
    uint64_t end_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    struct timespec end = {.tv_sec = (time_t)(end_ns / NS_PER_S), .tv_nsec = (long)(end_ns % NS_PER_S)};
    pthread_mutex_lock(&server->lock);
    int waited = 0;
    while (atomic_load(&server->open_requests) > 0 && waited == 0)
        waited = pthread_cond_timedwait(&server->drained, &server->lock, &end);
    bool drained = atomic_load(&server->open_requests) == 0;
    pthread_mutex_unlock(&server->lock);
    return drained;
}

void http_server_stop(struct http_server *server)
{
    if (server == NULL)
        return;
    for (unsigned i = 0; i < server->listener_count; i++) {
        MHD_stop_daemon(server->listener[i].daemon);
        if (server->listener[i].quiesced_fd >= 0)
            close(server->listener[i].quiesced_fd);
        http_threads_free(server->listener[i].threads);
    }
    clients_free(server->clients);
    pthread_cond_destroy(&server->drained);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
