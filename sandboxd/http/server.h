// SPDX-License-Identifier: Apache-2.0
// The HTTP server: libmicrohttpd with an epoll thread pool per listening socket, runs handed on between
// suspend and resume. Every response carries X-Request-Id and traceparent; every error of ours is a problem.
// What libmicrohttpd itself refuses (a header block above 32 KiB, a syntax that it cannot read) is HTML.
#pragma once

#include "base/error.h"
#include "base/log.h"
#include "sandboxd/http/request.h"
#include "sandboxd/http/router.h"

#include <stdbool.h>
#include <stdint.h>

enum { LISTENERS_MAX = 16 };

struct http_endpoint {
    int fd; // listening socket; the server owns it once started
    unsigned surfaces;
    unsigned threads;
    bool shared; // handed over by a service manager, which goes on listening on it: let go of, but not shut
                 // down
    char name[160]; // for logs: "127.0.0.1:8080", "unix:/run/sandboxd.sock"
};

struct http_options {
    struct http_routes routes;
    unsigned max_connections;
    uint32_t idle_timeout_ms;
    uint64_t max_body_bytes;
    bool local_origins_only; // refuses what a browser sends for a page of another host
    bool propagates_traces; // goes on with the trace of a caller that is trusted; without keys, of any caller
    struct logger *logger;  // may be NULL
    void *app;              // for handlers and hooks
    // Sees the headers of every request that has a route: sets its identity, or refuses it. May be NULL, then
    // whoever reaches a listener may do everything.
    void (*authorize)(void *app, struct http_request *request);
    // Whether the request's trace is kept; asked once its route is known. NULL: no trace is.
    bool (*keeps_trace)(void *app, const struct http_request *request);
    // Sees every request whose body is complete, before its handler. False: it answered or suspended it. What
    // it leaves in `reply_key` has `keep` called with the answer, in the thread that gave it; that frees the
    // key and ends with http_resume_kept, from any thread. `drop` is called instead for what was answered
    // without being suspended, or never was; the key is freed after it. All may be NULL.
    bool (*begin)(void *app, struct http_request *request);
    void (*keep)(void *app, struct http_request *request);
    void (*drop)(void *app, struct http_request *request);
    // After a response went out, or the peer was lost (status 499). May be NULL.
    void (*finished)(void *app, const struct http_request *request, unsigned status, uint64_t duration_ns);
    // The peer of a suspended request hung up.
    void (*departed)(void *app, const char *work_id);
};

// A server that serves nothing yet: handlers may need to know it before their first request.
struct http_server *http_server_new(const struct http_options *options, struct error *err);
// Starts to serve every endpoint. On failure the descriptors are closed, and the caller stops the server.
bool http_server_listen(struct http_server *server, const struct http_endpoint *endpoints,
                        unsigned endpoint_count, struct error *err);
// Accepts no more connections, and refuses new requests on open ones (503).
void http_server_refuse_new(struct http_server *server);
bool http_server_refusing(const struct http_server *server);
// Requests between their first line and the end of their response.
unsigned http_server_requests(const struct http_server *server);
// Of these, the ones that wait for another thread: http_server_stop must not be called while there are any.
unsigned http_server_suspended(const struct http_server *server);
// Waits until no request is open, at most `timeout_ms`. False if some are.
bool http_server_drain(struct http_server *server, uint32_t timeout_ms);
// Closes everything and frees the server. No request may be suspended. NULL is fine.
void http_server_stop(struct http_server *server);
// For the metrics: connections open now.
unsigned http_server_connections(const struct http_server *server);
