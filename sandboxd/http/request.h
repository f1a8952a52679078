// SPDX-License-Identifier: Apache-2.0
// One HTTP request from its first line to the end of its response, as handlers see it. It belongs to the HTTP
// thread of its connection; between http_suspend and http_resume, to whoever resumes it.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "sandboxd/accounts/identity.h"
#include "sandboxd/http/problem.h"
#include "sandboxd/http/router.h"
#include "sandboxd/http/threads.h"
#include "sandboxd/http/trace_context.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct http_server;
struct http_listener;
struct http_connection;
struct client;
struct MHD_Connection;

enum { REQUEST_ID_SIZE = 128, RESPONSE_HEADERS_MAX = 8, RESPONSE_HEADER_SIZE = 256 };

struct http_header {
    const char *name; // static
    char value[RESPONSE_HEADER_SIZE];
};

struct http_response {
    unsigned status; // 0: none yet
    bool done;       // what the request asks for; without memory to say so, it is a 500 all the same
    const char *content_type;
    char *body; // owned unless body_is_static
    size_t length;
    bool body_is_static; // outlives the server
    const char *problem; // code of the refusal that it is, or NULL
    unsigned header_count;
    struct http_header header[RESPONSE_HEADERS_MAX];
};

// Who answers a request that waits, and whether libmicrohttpd has to be told.
enum suspension {
    SUSPENSION_NONE,   // never asked for
    SUSPENSION_WANTED, // http_suspend was called, by a handler that has not returned
    SUSPENSION_MADE,   // the library leaves the connection alone until it is resumed
    SUSPENSION_OVER,   // http_resume was called
};

struct http_request {
    // For handlers:
    enum http_method method;
    char unknown_method[32]; // as it came, cut, where `method` is METHOD_COUNT; else ""
    char *target;            // owned: the path, decoded parts and all, NUL at the '?'
    const char *query;       // in `target`, after the '?'; "" without one
    struct route_match match;
    char request_id[REQUEST_ID_SIZE + 1];
    struct identity identity; // who asks; set by http_options.authorize
    struct trace_context trace;
    uint64_t start_ns;
    uint64_t handle_ns; // when the handler was called; 0: refused from the headers alone
    // malloc'ed by http_options.begin: its answer is to be kept, or the key dropped; then NULL
    struct reply_key *reply_key;
    void *note;         // malloc'ed by a handler for the `finished` hook; freed with the request
    struct buffer body; // complete when the handler is called
    // The server's own:
    struct http_listener *listener;
    struct MHD_Connection *connection;
    struct http_connection *context; // of the connection
    struct client *client;           // likewise
    char *path;                      // owned: as it came, for `instance` and logs
    _Atomic bool begun;              // the headers were looked at
    bool suspended;                  // http_suspend was called, and its HTTP thread has not gone on since
    _Atomic enum suspension suspension;
    bool handed_out; // its thread counts it as such
    bool again;      // its handler is to be called once more
    bool discarding; // the body is read and thrown away: the answer is a refusal already
    bool close_after;
    bool body_is_coming;  // the peer sends its body without waiting for a word from here
    _Atomic bool expired; // its last words were 408
    _Atomic bool spoken;  // it was refused while its body was coming
    uint64_t discarded_bytes;
    struct http_response response;
};

static inline struct bytes http_parameter(const struct http_request *request, unsigned index)
{
    return request->match.parameter[index];
}

// Who asks, for the audit log: the id of the request's key, or "anonymous" where none was asked for.
static inline const char *request_actor(const struct http_request *request)
{
    return identity_actor(&request->identity);
}

// Whether it came in where the API is served, and not on the metrics' own listener.
bool http_on_api_listener(const struct http_request *request);

// The caller has shown who it is: its trace is gone on with, where that is switched on.
void http_trust_caller(struct http_request *request);
// The caller's `tracestate`, if its trace is gone on with and it is well-formed; else `out` is left empty.
void http_trace_state(const struct http_request *request, struct buffer *out);

enum { REMOTE_SIZE = 64 };
// The peer's address without its port, "unix" for a Unix socket.
void http_remote_address(const struct http_request *request, char text[REMOTE_SIZE]);

// A header field of the request, or NULL. Borrowed, valid while the request is.
const char *http_header_value(const struct http_request *request, const char *name);

// Sets the response. `body` is emptied. A buffer that failed gives a 500 instead; below 300, `status` says
// that the request was done all the same.
void http_answer(struct http_request *request, unsigned status, const char *content_type,
                 struct buffer *body);
void http_answer_static(struct http_request *request, unsigned status, const char *content_type,
                        struct bytes body);
// Adds a response header; the value is cut at RESPONSE_HEADER_SIZE.
void http_add_header(struct http_request *request, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Answers with a problem. `detail` is for a person.
void http_refuse(struct http_request *request, enum problem_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The same with every fault of the request's body. Where it is memory that ran out, that is the refusal.
void http_refuse_faults(struct http_request *request, enum problem_code code,
                        const struct diagnostics *faults, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// The same for what a limit refuses.
void http_refuse_limit(struct http_request *request, enum problem_code code,
                       const struct problem_limit *limit, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// The same for a run that failed through our fault: the problem carries its id.
void http_refuse_run(struct http_request *request, enum problem_code code, const char *run_id,
                     const char *detail);

// The handler will answer later, and is to be told when the peer hangs up meanwhile (the server's `departed`
// hook with `work_id`). From now on only http_resume may come from another thread, after the answer is set;
// or this again, with another work's id.
void http_suspend(struct http_request *request, const char *work_id);
// For a handler, in its HTTP thread, before http_suspend: the descriptors that are readable when that thread
// has something else to do. False if it may have more to do than they tell.
bool http_others(const struct http_request *request, int ret_fds[HTTP_OTHERS_MAX], unsigned *ret_count);
// The answer is set and, if it is to be kept, http_options.keep has kept it; only that calls it.
void http_resume_kept(struct http_request *request);
// The answer is set: the request must not be touched afterwards by the caller. May come before the handler
// that called http_suspend returns.
void http_resume(struct http_request *request);
// Instead of http_resume: nothing is answered, and the handler is called again, as if for the first time.
void http_handle_again(struct http_request *request);
