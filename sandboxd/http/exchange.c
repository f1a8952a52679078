// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/exchange.h"

#include "base/clock.h"
#include "base/require.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct http_connection *context_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

// NULL: no memory.
static struct http_connection *begin_connection(struct http_listener *listener,
                                                struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_connection *context = malloc(sizeof(*context));
    struct client *client = context != NULL ? clients_add(listener->server->clients, info->connect_fd) : NULL;
    if (client == NULL) {
        free(context);
        return NULL;
    }
    *context = (struct http_connection){
        .client = client, .thread = http_thread_current(listener->threads), .fd = info->connect_fd};
    if (context->thread != NULL)
        http_thread_add(context->thread, context->fd);
    return context;
}

void exchange_connection(void *listener_, struct MHD_Connection *connection, void **context_,
                         enum MHD_ConnectionNotificationCode code)
{
    struct http_listener *listener = listener_;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context_ = begin_connection(listener, connection);
        return;
    }
    struct http_connection *context = *context_;
    if (context == NULL)
        return;
    *context_ = NULL;
    if (context->thread != NULL)
        http_thread_remove(context->thread, context->fd);
    clients_remove(listener->server->clients, context->client);
    free(context);
}

static void request_free(struct http_request *request)
{
    if (!request->response.body_is_static)
        free(request->response.body);
    buffer_free(&request->body);
    free(request->target);
    free(request->path);
    free(request->note);
    free(request);
}

// Its answer is not kept: it was given at once, or the request is lost before it has one.
static void drop_key(struct http_request *request)
{
    struct http_server *server = request->listener->server;
    if (request->reply_key == NULL)
        return;
    server->options.drop(server->options.app, request);
    free(request->reply_key);
    request->reply_key = NULL;
}

void *exchange_begin(void *listener_, const char *target, struct MHD_Connection *connection)
{
    struct http_listener *listener = listener_;
    struct http_connection *context = context_of(connection);
    struct http_request *request = context != NULL ? calloc(1, sizeof(*request)) : NULL;
    if (request == NULL)
        return NULL;
    request->listener = listener;
    request->connection = connection;
    request->context = context;
    request->client = context->client;
    request->start_ns = clock_monotonic_ns();
    request->method = METHOD_COUNT; // until it is read
    request->query = "";
    request->body = buffer_make((size_t)listener->server->options.max_body_bytes);
    request->target = strdup(target);
    request->path = strdup(target);
    if (request->target == NULL || request->path == NULL) {
        request_free(request);
        return NULL;
    }
    atomic_fetch_add(&listener->server->open_requests, 1);
    clients_receiving(listener->server->clients, request->client, request);
    return request;
}

// Says a whole response on a socket on which libmicrohttpd is only reading. Whether the peer gets it is up to
// the peer: it is slow, or sends too much.
static void say(int fd, const struct http_request *request, unsigned status, const char *title,
                struct bytes body)
{
    struct buffer message = buffer_make(131072);
    buffer_printf(&message,
                  "HTTP/1.1 %u %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
                  "Connection: close\r\n",
                  status, title, body.length);
    if (request->begun) {
        char traceparent[TRACEPARENT_SIZE + 1];
        trace_context_format(&request->trace, traceparent);
        buffer_printf(&message, "X-Request-Id: %s\r\ntraceparent: %s\r\n", request->request_id, traceparent);
    }
    buffer_append_text(&message, "\r\n");
    buffer_append(&message, body.data, body.length);
    if (buffer_ok(&message))
        (void)!send(fd, message.data, message.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    buffer_free(&message);
}

void exchange_expired(void *request_, int fd)
{
    struct http_request *request = request_;
    if (atomic_load(&request->spoken))
        return; // its refusal went out long ago, and the rest of the body was being thrown away
    atomic_store(&request->expired, true);
    const struct problem_info *info = &problem_table[PROBLEM_BODY_TIMEOUT];
    struct problem problem = {
        .code = PROBLEM_BODY_TIMEOUT,
        .detail = "the rest of the request did not arrive within http.idle_timeout_ms",
        .instance = request->begun ? request->path : NULL,
        .request_id = request->begun ? request->request_id : NULL,
        .trace_id = request->begun ? request->trace.trace_id : NULL,
    };
    struct buffer body = buffer_make(65536);
    problem_put(&body, &problem);
    if (buffer_ok(&body))
        say(fd, request, info->status, info->title, bytes_of(body.data, body.length));
    buffer_free(&body);
}

// Answers at once although the body is still coming, and goes on reading for a while: a socket that is closed
// with bytes unread is reset, and the peer would lose the answer.
static void refuse_while_receiving(struct http_request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const struct http_response *answer = &request->response;
    say(info->connect_fd, request, answer->status, "Refused", bytes_of(answer->body, answer->length));
    shutdown(info->connect_fd, SHUT_WR);
    atomic_store(&request->spoken, true);
    request->discarding = true;
}

static enum MHD_Result queue_response(struct http_request *request)
{
    struct http_response *answer = &request->response;
    require(answer->status != 0);
    struct http_server *server = request->listener->server;
    if (!clients_enter(server->clients, request->client, CLIENT_ANSWERING))
        return MHD_NO;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->length, answer->body,
        answer->body_is_static ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        return MHD_NO;
    answer->body_is_static = true; // the library frees it now
    char traceparent[TRACEPARENT_SIZE + 1];
    trace_context_format(&request->trace, traceparent);
    MHD_add_response_header(response, "X-Request-Id", request->request_id);
    MHD_add_response_header(response, "traceparent", traceparent);
    char state_text[TRACESTATE_BYTES_MAX + 1] = "";
    struct buffer state = buffer_over(state_text, sizeof(state_text));
    http_trace_state(request, &state);
    if (state.length > 0)
        MHD_add_response_header(response, "tracestate", state_text);
    if (answer->content_type != NULL)
        MHD_add_response_header(response, "Content-Type", answer->content_type);
    if (request->method == METHOD_GET)
        MHD_add_response_header(response, "Cache-Control", "no-store"); // figures of this moment
    for (unsigned i = 0; i < answer->header_count; i++)
        MHD_add_response_header(response, answer->header[i].name, answer->header[i].value);
    if (request->close_after || atomic_load(&server->refusing))
        MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(request->connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

// Takes a piece of the body. False: the peer sends on and on, and the connection is to be closed.
static bool take_piece(struct http_request *request, const char *data, size_t length)
{
    uint64_t maximum = request->listener->server->options.max_body_bytes;
    if (!request->discarding) {
        buffer_append(&request->body, data, length);
        if (buffer_ok(&request->body))
            return true;
        if (request->body.exhausted)
            http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for the body");
        else
            http_refuse(request, PROBLEM_BODY_TOO_LARGE, "http.max_body_bytes of this server is %llu",
                        (unsigned long long)maximum);
        buffer_free(&request->body);
        refuse_while_receiving(request);
    }
    request->discarded_bytes += length;
    return request->discarded_bytes <= 2 * maximum;
}

static enum MHD_Result dispatch(struct http_request *request);

static void count_handed_out(struct http_request *request, bool handed_out)
{
    struct http_thread *thread = request->context->thread;
    if (thread == NULL || handed_out == request->handed_out)
        return;
    request->handed_out = handed_out;
    if (handed_out)
        http_thread_hand_out(thread);
    else
        http_thread_take_back(thread);
}

// After http_resume, in the request's own thread.
static enum MHD_Result go_on(struct http_request *request)
{
    request->suspended = false;
    count_handed_out(request, false);
    if (!request->again)
        return queue_response(request);
    request->again = false;
    return dispatch(request);
}

// The library hears of a suspension only here, when the handler has returned: what was answered by then costs
// neither that nor the wake-up that ends it.
static enum MHD_Result suspend(struct http_request *request)
{
    if (atomic_load(&request->suspension) == SUSPENSION_OVER)
        return go_on(request);
    struct MHD_Connection *connection = request->connection;
    count_handed_out(request, true);
    MHD_suspend_connection(connection);
    enum suspension wanted = SUSPENSION_WANTED;
    if (!atomic_compare_exchange_strong(&request->suspension, &wanted, SUSPENSION_MADE))
        MHD_resume_connection(connection); // answered in this moment; the library calls again
    return MHD_YES;
}

static enum MHD_Result dispatch(struct http_request *request)
{
    struct http_server *server = request->listener->server;
    if (!clients_enter(server->clients, request->client, CLIENT_ANSWERING))
        return MHD_NO;
    request->handle_ns = clock_monotonic_ns();
    if (server->options.begin == NULL || server->options.begin(server->options.app, request))
        request->match.route->handle(server->options.app, request);
    if (!request->suspended)
        drop_key(request);
    return request->suspended ? suspend(request) : queue_response(request);
}

enum MHD_Result exchange_continue(void *listener, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **request_)
{
    (void)listener;
    (void)connection;
    (void)url; // decoded by the library, and cut at %00: ours is the raw one
    struct http_request *request = *request_;
    if (request == NULL)
        return MHD_NO; // out of memory when it began
    if (!request->begun) {
        exchange_admit(request, method, version);
        request->begun = true;
        if (request->response.status == 0 || !request->close_after)
            return MHD_YES;
        if (!request->body_is_coming)
            return queue_response(request);
        refuse_while_receiving(request);
        return MHD_YES;
    }
    if (*upload_data_size > 0) {
        size_t length = *upload_data_size;
        *upload_data_size = 0;
        return take_piece(request, upload_data, length) ? MHD_YES : MHD_NO;
    }
    if (atomic_load(&request->spoken))
        return MHD_NO; // answered, and read to its end: nothing is left but to close
    if (request->suspended)
        return go_on(request);
    return request->response.status != 0 ? queue_response(request) : dispatch(request);
}

void exchange_end(void *listener_, struct MHD_Connection *connection, void **request_,
                  enum MHD_RequestTerminationCode code)
{
    (void)connection;
    struct http_listener *listener = listener_;
    struct http_server *server = listener->server;
    struct http_request *request = *request_;
    if (request == NULL)
        return;
    *request_ = NULL;
    clients_enter(server->clients, request->client, CLIENT_IDLE);
    bool answered = code == MHD_REQUEST_TERMINATED_COMPLETED_OK || atomic_load(&request->spoken);
    unsigned status = answered ? request->response.status : 499;
    if (atomic_load(&request->expired))
        status = 408;
    if (request->begun && server->options.finished != NULL)
        server->options.finished(server->options.app, request, status,
                                 clock_monotonic_ns() - request->start_ns);
    drop_key(request);
    count_handed_out(request, false); // lost before the library called again
    request_free(request);
    if (atomic_fetch_sub(&server->open_requests, 1) == 1 && atomic_load(&server->refusing)) {
        pthread_mutex_lock(&server->lock);
        pthread_cond_broadcast(&server->drained);
        pthread_mutex_unlock(&server->lock);
    }
}

void http_suspend(struct http_request *request, const char *work_id)
{
    clients_waiting(request->listener->server->clients, request->client, work_id);
    if (request->suspended)
        return; // by who handed it on
    request->suspended = true;
    atomic_fetch_add(&request->listener->server->suspended_requests, 1);
    atomic_store(&request->suspension, SUSPENSION_WANTED);
}

bool http_others(const struct http_request *request, int ret_fds[HTTP_OTHERS_MAX], unsigned *ret_count)
{
    const struct http_connection *context = request->context;
    return context->thread != NULL && http_thread_others(context->thread, context->fd, ret_fds, ret_count);
}

void http_resume_kept(struct http_request *request)
{
    struct http_server *server = request->listener->server;
    clients_enter(server->clients, request->client, CLIENT_ANSWERING);
    atomic_fetch_sub(&server->suspended_requests, 1); // before, since it may be answered and over at once
    struct MHD_Connection *connection = request->connection;
    if (atomic_exchange(&request->suspension, SUSPENSION_OVER) == SUSPENSION_MADE)
        MHD_resume_connection(connection);
}

void http_resume(struct http_request *request)
{
    const struct http_options *options = &request->listener->server->options;
    if (request->reply_key != NULL)
        options->keep(options->app, request);
    else
        http_resume_kept(request);
}

void http_handle_again(struct http_request *request)
{
    request->again = true;
    http_resume_kept(request);
}
