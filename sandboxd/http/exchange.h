// SPDX-License-Identifier: Apache-2.0
// The server's inside: what one exchange (a request and its response) shares with the listeners, and the
// callbacks that libmicrohttpd makes for it. Only for sandboxd/http/.
#pragma once

#include "sandboxd/http/clients.h"
#include "sandboxd/http/server.h"
#include "sandboxd/http/threads.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct http_listener {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    struct http_threads *threads;
    unsigned surfaces;
    bool shared;     // as in http_endpoint
    int quiesced_fd; // the listening socket after http_server_refuse_new; -1 before
};

// What the library keeps for us with each connection.
struct http_connection {
    struct client *client;
    struct http_thread *thread; // NULL: not known
    int fd;
};

struct http_server {
    struct http_options options;
    struct clients *clients;
    _Atomic bool refusing;
    _Atomic unsigned open_requests;
    _Atomic unsigned suspended_requests; // of these: not resumed yet
    pthread_mutex_t lock;                // for `drained` only
    pthread_cond_t drained;
    unsigned listener_count;
    struct http_listener listener[LISTENERS_MAX];
};

// MHD_OPTION_URI_LOG_CALLBACK: the request begins. Returns it.
void *exchange_begin(void *listener, const char *target, struct MHD_Connection *connection);
// The access handler: headers first, then the body in pieces, then the answer.
enum MHD_Result exchange_continue(void *listener, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **request);
// MHD_OPTION_NOTIFY_COMPLETED.
void exchange_end(void *listener, struct MHD_Connection *connection, void **request,
                  enum MHD_RequestTerminationCode code);
// MHD_OPTION_NOTIFY_CONNECTION.
void exchange_connection(void *listener, struct MHD_Connection *connection, void **client,
                         enum MHD_ConnectionNotificationCode code);
// clients_hooks.expired
void exchange_expired(void *request, int fd);

// Looks at the headers: framing, route, media type, declared length. Leaves a refusal in the response, or
// none.
void exchange_admit(struct http_request *request, const char *method, const char *version);
