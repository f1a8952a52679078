// SPDX-License-Identifier: Apache-2.0
// A whole server with a small application, asked over loopback. Covers sandboxd/http/ but what has tests of
// its own: admit.c, clients.c, exchange.c, request.c and server.c.
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "sandboxd/http/server.h"
#include "sandboxd/system/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_SIZE = 65536, BODY_MAX = 4096, IDLE_MS = 300 };

struct application {
    struct http_server *server;
    struct http_endpoint endpoint;
    uint16_t port;
    pthread_t later;
    _Atomic(struct http_request *) suspended; // what POST /wait left behind
    _Atomic unsigned finished;
    _Atomic unsigned last_status;
    _Atomic bool departed;
    _Atomic unsigned calls; // of at_the_third_time
};

static void echo(void *app, struct http_request *request)
{
    (void)app;
    struct buffer body = buffer_make(BODY_MAX * 2);
    buffer_append(&body, request->body.data, request->body.length);
    http_answer(request, 200, "application/json", &body);
}

static void hello(void *app, struct http_request *request)
{
    (void)app;
    http_answer_static(request, 200, "text/plain", http_parameter(request, 0));
}

static void *answer_later(void *request_)
{
    struct http_request *request = request_;
    struct buffer body = buffer_make(64);
    buffer_append_text(&body, "later");
    http_answer(request, 200, "text/plain", &body);
    http_resume(request);
    return NULL;
}

static void soon(void *app, struct http_request *request)
{
    struct application *application = app;
    http_suspend(request, "work");
    pthread_create(&application->later, NULL, answer_later, request);
    pthread_detach(application->later);
}

static void at_once(void *app, struct http_request *request)
{
    (void)app;
    http_suspend(request, "work");
    answer_later(request); // before the handler returns
}

static void *handle_again(void *request)
{
    http_handle_again(request);
    return NULL;
}

// Asks to be called again, from this thread or another one, and then answers with what it was sent.
static void at_the_third_time(void *app, struct http_request *request)
{
    struct application *application = app;
    unsigned calls = atomic_fetch_add(&application->calls, 1) + 1;
    if (calls == 3) {
        echo(app, request);
        return;
    }
    http_suspend(request, "work");
    if (calls == 1) {
        http_handle_again(request);
    } else {
        pthread_create(&application->later, NULL, handle_again, request);
        pthread_detach(application->later);
    }
}

static void wait_for_ever(void *app, struct http_request *request)
{
    struct application *application = app;
    http_suspend(request, "work");
    atomic_store(&application->suspended, request);
}

static void trust(void *app, struct http_request *request)
{
    (void)app;
    http_trust_caller(request);
}

static void refuse_early(void *app, struct http_request *request)
{
    (void)app;
    http_refuse(request, PROBLEM_QUEUE_FULL, "full");
}

static void on_finished(void *app, const struct http_request *request, unsigned status, uint64_t duration_ns)
{
    (void)request;
    (void)duration_ns;
    struct application *application = app;
    atomic_store(&application->last_status, status);
    atomic_fetch_add(&application->finished, 1);
}

static void on_departed(void *app, const char *work_id)
{
    struct application *application = app;
    assert_string_equal(work_id, "work");
    atomic_store(&application->departed, true);
}

static const struct http_route items[] = {
    {METHOD_POST, "/echo", echo, NULL, SURFACE_API, .takes_json = true},
    {METHOD_GET, "/hello/{name}", hello, trust, SURFACE_API},
    {METHOD_POST, "/soon", soon, NULL, SURFACE_API},
    {METHOD_POST, "/at-once", at_once, NULL, SURFACE_API},
    {METHOD_POST, "/third", at_the_third_time, NULL, SURFACE_API, .takes_json = true},
    {METHOD_POST, "/wait", wait_for_ever, NULL, SURFACE_API},
    {METHOD_POST, "/full", echo, refuse_early, SURFACE_API},
};

static int set_up(void **state)
{
    struct application *application = calloc(1, sizeof(*application));
    struct listen_address address;
    assert_true(listen_address_parse("127.0.0.1:0", &address, NULL));
    application->endpoint =
        (struct http_endpoint){.fd = listen_open(&address, NULL), .surfaces = SURFACE_API, .threads = 2};
    listen_name(application->endpoint.fd, application->endpoint.name);
    application->port = (uint16_t)atoi(strrchr(application->endpoint.name, ':') + 1);
    struct http_options options = {.routes = {.items = items, .count = sizeof(items) / sizeof(items[0])},
                                   .max_connections = 100,
                                   .idle_timeout_ms = IDLE_MS,
                                   .max_body_bytes = BODY_MAX,
                                   .propagates_traces = true,
                                   .app = application,
                                   .finished = on_finished,
                                   .departed = on_departed};
    struct error err = {0};
    application->server = http_server_new(&options, &err);
    assert_non_null(application->server);
    assert_true(http_server_listen(application->server, &application->endpoint, 1, &err));
    *state = application;
    return 0;
}

static int tear_down(void **state)
{
    struct application *application = *state;
    http_server_refuse_new(application->server);
    assert_true(http_server_drain(application->server, 10000));
    http_server_stop(application->server);
    free(application);
    return 0;
}

static int client(const struct application *application)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(application->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

// Everything until the server closes.
static const char *hear_all(int fd)
{
    static char answer[ANSWER_SIZE];
    size_t length = 0;
    ssize_t got;
    while (length + 1 < sizeof(answer) &&
           (got = recv(fd, answer + length, sizeof(answer) - 1 - length, 0)) > 0)
        length += (size_t)got;
    answer[length] = '\0';
    return answer;
}

// Says `text` on a connection of its own and gives all of the answer.
static const char *ask(const struct application *application, const char *text)
{
    autoclose int fd = client(application);
    say(fd, text);
    return hear_all(fd);
}

static void assert_answer(const char *answer, const char *status, const char *part)
{
    if (strncmp(answer + 9, status, 3) != 0 || strstr(answer, part) == NULL)
        fail_msg("expected %s with %s, got: %s", status, part, answer);
}

#define JSON "Content-Type: application/json\r\n"
#define END "Host: x\r\nConnection: close\r\n\r\n"

static void server_answers_with_ids(void **state)
{
    const char *answer =
        ask(*state, "GET /hello/bob HTTP/1.1\r\nX-Request-Id: mine-1\r\n"
                    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n" END);
    assert_answer(answer, "200", "\r\n\r\nbob");
    assert_non_null(strstr(answer, "X-Request-Id: mine-1\r\n"));
    assert_non_null(strstr(answer, "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"));
}

static void server_makes_a_request_id_where_the_callers_is_not_sane(void **state)
{
    const char *answer = ask(*state, "GET /hello/bob HTTP/1.1\r\nX-Request-Id: a b\"c\r\n" END);
    assert_answer(answer, "200", "X-Request-Id: ");
    assert_null(strstr(answer, "a b\"c"));
}

static void server_refuses_ambiguous_framing_and_closes(void **state)
{
    // No "Connection: close": the server closes by itself.
    const char *answer = ask(*state, "POST /echo HTTP/1.1\r\nHost: x\r\n" JSON
                                     "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_answer(answer, "400", "\"code\":\"bad_request\"");
    assert_answer(ask(*state, "P(ST /echo HTTP/1.1\r\nHost: x\r\n\r\n"), "400", "token");
}

static void server_refuses_what_it_does_not_have(void **state)
{
    assert_answer(ask(*state, "GET /nothing HTTP/1.1\r\n" END), "404", "\"instance\":\"/nothing\"");
    const char *answer = ask(*state, "PUT /hello/bob HTTP/1.1\r\n" END);
    assert_answer(answer, "405", "Allow: GET, HEAD\r\n");
    assert_answer(ask(*state, "BREW /hello/bob HTTP/1.1\r\n" END), "501", "method_not_implemented");
    assert_answer(ask(*state, "GET /hello/%00 HTTP/1.1\r\n" END), "400", "percent-escape");
}

static void server_wants_json_and_no_other_coding(void **state)
{
    assert_answer(ask(*state, "POST /echo HTTP/1.1\r\nContent-Length: 2\r\n" END "{}"), "415",
                  "came with none");
    assert_answer(
        ask(*state, "POST /echo HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n" END "{}"),
        "415", "text/plain");
    assert_answer(ask(*state, "POST /echo HTTP/1.1\r\n" JSON
                              "Content-Encoding: gzip\r\nContent-Length: 2\r\n" END "{}"),
                  "415", "gzip");
}

static void server_takes_bodies_whole_and_in_chunks(void **state)
{
    assert_answer(ask(*state, "POST /echo HTTP/1.1\r\n" JSON "Content-Length: 7\r\n" END "{\"a\":1}"), "200",
                  "\r\n\r\n{\"a\":1}");
    assert_answer(ask(*state, "POST /echo HTTP/1.1\r\n" JSON "Transfer-Encoding: chunked\r\n" END
                              "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n"),
                  "200", "\r\n\r\n{\"a\":1}");
}

static void server_refuses_a_declared_length_at_once(void **state)
{
    // The body never comes.
    assert_answer(ask(*state, "POST /echo HTTP/1.1\r\nHost: x\r\n" JSON "Content-Length: 1000000\r\n\r\n"),
                  "413", "http.max_body_bytes");
}

static void server_bounds_chunks_as_they_come(void **state)
{
    struct application *application = *state;
    autoclose int fd = client(application);
    say(fd, "POST /echo HTTP/1.1\r\n" JSON "Transfer-Encoding: chunked\r\n" END);
    for (unsigned i = 0; i < 6; i++) { // 6 KiB in all
        char piece[1024];
        memset(piece, 'x', sizeof(piece));
        say(fd, "400\r\n");
        (void)!send(fd, piece, sizeof(piece), MSG_NOSIGNAL);
        say(fd, "\r\n");
    }
    say(fd, "0\r\n\r\n");
    assert_answer(hear_all(fd), "413", "body_too_large");
}

static void server_keeps_the_connection_after_a_small_refusal(void **state)
{
    const char *answer = ask(*state, "POST /full HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                                     "GET /hello/next HTTP/1.1\r\n" END);
    assert_answer(answer, "503", "Retry-After: 1\r\n");
    assert_non_null(strstr(answer, "\r\n\r\nnext"));
}

static void server_answers_suspended_requests(void **state)
{
    // Before the handler returns, after, or in between: none is missed.
    for (int i = 0; i < 300; i++) {
        const char *answer = ask(*state, "POST /soon HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                                         "POST /at-once HTTP/1.1\r\nContent-Length: 0\r\n" END);
        assert_answer(answer, "200", "later");
        assert_non_null(strstr(strstr(answer, "later") + 5, "later"));
    }
}

static void server_calls_a_handler_again_that_asks_for_it(void **state)
{
    const char *answer = ask(*state, "POST /third HTTP/1.1\r\nContent-Length: 3\r\n" JSON END "123");
    assert_answer(answer, "200", "\r\n\r\n123");
    struct application *application = *state;
    assert_int_equal(atomic_load(&application->calls), 3);
}

static void server_tells_a_slow_body_and_closes(void **state)
{
    struct application *application = *state;
    assert_answer(ask(application, "POST /echo HTTP/1.1\r\nHost: x\r\n" JSON "Content-Length: 10\r\n\r\n{"),
                  "408", "\"code\":\"body_timeout\"");
    while (atomic_load(&application->finished) == 0)
        usleep(1000);
    assert_int_equal(atomic_load(&application->last_status), 408);
}

static void server_closes_idle_connections(void **state)
{
    struct application *application = *state;
    autoclose int fd = client(application);
    assert_string_equal(hear_all(fd), "");
    autoclose int half = client(application);
    say(half, "GET /hel"); // no request yet, and nobody's to be told of
    assert_string_equal(hear_all(half), "");
}

static void server_notices_that_a_waiting_peer_hung_up(void **state)
{
    struct application *application = *state;
    int fd = client(application);
    say(fd, "POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    while (atomic_load(&application->suspended) == NULL)
        usleep(1000);
    assert_false(atomic_load(&application->departed));
    close(fd);
    while (!atomic_load(&application->departed))
        usleep(1000);
    answer_later(atomic_load(&application->suspended));
}

static void server_that_stops_refuses_on_open_connections(void **state)
{
    struct application *application = *state;
    autoclose int fd = client(application);
    say(fd, "POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    while (atomic_load(&application->suspended) == NULL)
        usleep(1000);
    http_server_refuse_new(application->server);
    assert_false(http_server_drain(application->server, 1));
    say(fd, "GET /hello/bob HTTP/1.1\r\nHost: x\r\n\r\n");
    answer_later(atomic_load(&application->suspended));
    const char *answer = hear_all(fd);
    assert_answer(answer, "200", "later");
    assert_non_null(strstr(answer, "Connection: close"));
}

#define SERVED(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(server_answers_with_ids),
        SERVED(server_makes_a_request_id_where_the_callers_is_not_sane),
        SERVED(server_refuses_ambiguous_framing_and_closes),
        SERVED(server_refuses_what_it_does_not_have),
        SERVED(server_wants_json_and_no_other_coding),
        SERVED(server_takes_bodies_whole_and_in_chunks),
        SERVED(server_refuses_a_declared_length_at_once),
        SERVED(server_bounds_chunks_as_they_come),
        SERVED(server_keeps_the_connection_after_a_small_refusal),
        SERVED(server_answers_suspended_requests),
        SERVED(server_calls_a_handler_again_that_asks_for_it),
        SERVED(server_tells_a_slow_body_and_closes),
        SERVED(server_closes_idle_connections),
        SERVED(server_notices_that_a_waiting_peer_hung_up),
        SERVED(server_that_stops_refuses_on_open_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
