// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/clients.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/gauge.h"
#include "base/require.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum { SWEEP_MS = 200, EVENTS_PER_WAIT = 64, DEPARTURES_PER_TURN = 64 };

struct client {
    int fd;
    uint64_t id; // what the epoll set knows it by: a late event must not find a freed client
    enum client_phase phase;
    uint64_t deadline_ns;
    bool gone;    // the peer closed its sending side
    bool expired; // a deadline has shut the socket down
    bool surplus; // there were `max` when it came; only its own HTTP thread looks at it from then on
    void *request;
    char work_id[CLIENT_WORK_ID_SIZE];
    struct client *previous, *next;
};

struct clients {
    pthread_mutex_t lock;
    struct client *first;
    struct gauge count;
    unsigned max;
    uint64_t last_id;
    int epoll_fd, stop_fd;
    uint64_t idle_timeout_ns;
    struct client_hooks hooks;
    pthread_t thread;
};

struct departures {
    unsigned count;
    char work_id[DEPARTURES_PER_TURN][CLIENT_WORK_ID_SIZE];
};

static void note_departure(struct client *client, struct departures *departures)
{
    if (client->phase != CLIENT_WAITING || !client->gone || departures->count == DEPARTURES_PER_TURN)
        return;
    memcpy(departures->work_id[departures->count++], client->work_id, CLIENT_WORK_ID_SIZE);
}

static void mark_gone(struct clients *clients, uint64_t id, struct departures *departures)
{
    for (struct client *client = clients->first; client != NULL; client = client->next) {
        if (client->id == id) {
            client->gone = true;
            note_departure(client, departures);
            return;
        }
    }
}

static void expire(struct clients *clients, struct client *client)
{
    client->expired = true;
    if (client->phase == CLIENT_RECEIVING && client->request != NULL)
        clients->hooks.expired(client->request, client->fd);
    shutdown(client->fd, SHUT_RDWR);
}

static void sweep(struct clients *clients, struct departures *departures)
{
    uint64_t now_ns = clock_monotonic_ns();
    for (struct client *client = clients->first; client != NULL; client = client->next) {
        note_departure(client, departures); // again and again: its work may not have been there yet
        if (client->phase != CLIENT_WAITING && !client->expired && now_ns >= client->deadline_ns)
            expire(clients, client);
    }
}

static void *watch(void *argument)
{
    struct clients *clients = argument;
    uint64_t next_sweep_ns = 0;
    for (;;) {
        struct epoll_event events[EVENTS_PER_WAIT];
        int count = epoll_wait(clients->epoll_fd, events, EVENTS_PER_WAIT, SWEEP_MS);
        require(count >= 0 || errno == EINTR);
        struct departures departures = {.count = 0};
        pthread_mutex_lock(&clients->lock);
        bool stop = false;
        for (int i = 0; i < count; i++) {
            if (events[i].data.u64 == 0)
                stop = true;
            else
                mark_gone(clients, events[i].data.u64, &departures);
        }
        if (clock_monotonic_ns() >= next_sweep_ns) {
            sweep(clients, &departures);
            next_sweep_ns = clock_monotonic_ns() + SWEEP_MS * NS_PER_MS;
        }
        pthread_mutex_unlock(&clients->lock);
        for (unsigned i = 0; i < departures.count; i++)
            clients->hooks.departed(clients->hooks.app, departures.work_id[i]);
        if (stop)
            return NULL;
    }
}

static void clients_close(struct clients *clients)
{
    if (clients->epoll_fd >= 0)
        close(clients->epoll_fd);
    if (clients->stop_fd >= 0)
        close(clients->stop_fd);
    pthread_mutex_destroy(&clients->lock);
    free(clients);
}

struct clients *clients_new(const struct client_hooks *hooks, unsigned max, uint32_t idle_timeout_ms,
                            struct error *err)
{
    struct clients *clients = calloc(1, sizeof(*clients));
    if (clients == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the list of connections");
        return NULL;
    }
    pthread_mutex_init(&clients->lock, NULL);
    clients->hooks = *hooks;
    clients->max = max;
    clients->idle_timeout_ns = idle_timeout_ms * NS_PER_MS;
    clients->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    clients->stop_fd = eventfd(0, EFD_CLOEXEC);
    struct epoll_event stop = {.events = EPOLLIN, .data.u64 = 0};
    if (clients->epoll_fd < 0 || clients->stop_fd < 0 ||
        epoll_ctl(clients->epoll_fd, EPOLL_CTL_ADD, clients->stop_fd, &stop) < 0) {
        error_system(err, errno, "cannot watch connections");
        clients_close(clients);
        return NULL;
    }
    int failed = pthread_create(&clients->thread, NULL, watch, clients);
    if (failed != 0) {
        error_system(err, failed, "cannot start the thread that watches connections");
        clients_close(clients);
        return NULL;
    }
    pthread_setname_np(clients->thread, "clients");
    return clients;
}

void clients_free(struct clients *clients)
{
    if (clients == NULL)
        return;
    require(clients->first == NULL);
    uint64_t one = 1;
    require(write(clients->stop_fd, &one, sizeof(one)) == sizeof(one));
    pthread_join(clients->thread, NULL);
    clients_close(clients);
}

struct client *clients_add(struct clients *clients, int fd)
{
    struct client *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return NULL;
    client->fd = fd;
    client->phase = CLIENT_IDLE;
    client->deadline_ns = clock_monotonic_ns() + clients->idle_timeout_ns;
    pthread_mutex_lock(&clients->lock);
    client->id = ++clients->last_id;
    client->next = clients->first;
    if (client->next != NULL)
        client->next->previous = client;
    clients->first = client;
    gauge_add(&clients->count, 1);
    client->surplus = clients_count(clients) > clients->max;
    // Edge-triggered, and only for the hang-up: it costs nothing while requests go to and fro. Without it
    // (no memory) only the hang-up goes unnoticed.
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.u64 = client->id};
    epoll_ctl(clients->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    pthread_mutex_unlock(&clients->lock);
    return client;
}

void clients_remove(struct clients *clients, struct client *client)
{
    pthread_mutex_lock(&clients->lock);
    epoll_ctl(clients->epoll_fd, EPOLL_CTL_DEL, client->fd, NULL);
    if (client->previous != NULL)
        client->previous->next = client->next;
    else
        clients->first = client->next;
    if (client->next != NULL)
        client->next->previous = client->previous;
    gauge_add(&clients->count, -1);
    pthread_mutex_unlock(&clients->lock);
    free(client);
}

unsigned clients_count(const struct clients *clients)
{
    return (unsigned)gauge_read(&clients->count);
}

bool clients_admit(const struct clients *clients, struct client *client)
{
    if (client->surplus)
        client->surplus = clients_count(clients) > clients->max;
    return !client->surplus;
}

// With the list locked.
static void set_phase(struct clients *clients, struct client *client, enum client_phase phase, void *request)
{
    client->phase = phase;
    client->request = request;
    client->deadline_ns = clock_monotonic_ns() + clients->idle_timeout_ns;
}

bool clients_enter(struct clients *clients, struct client *client, enum client_phase phase)
{
    pthread_mutex_lock(&clients->lock);
    bool open = !client->expired;
    set_phase(clients, client, phase, NULL);
    pthread_mutex_unlock(&clients->lock);
    return open;
}

void clients_receiving(struct clients *clients, struct client *client, void *request)
{
    pthread_mutex_lock(&clients->lock);
    set_phase(clients, client, CLIENT_RECEIVING, request);
    pthread_mutex_unlock(&clients->lock);
}

void clients_waiting(struct clients *clients, struct client *client, const char *work_id)
{
    pthread_mutex_lock(&clients->lock);
    set_phase(clients, client, CLIENT_WAITING, NULL);
    size_t length = strnlen(work_id, CLIENT_WORK_ID_SIZE - 1);
    memcpy(client->work_id, work_id, length);
    client->work_id[length] = '\0';
    pthread_mutex_unlock(&clients->lock);
}
