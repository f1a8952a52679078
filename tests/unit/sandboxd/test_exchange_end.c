// SPDX-License-Identifier: Apache-2.0
// What a server does at the end of a request: the Idempotency-Key of one that is never answered, and what
// those are told who tell of it.
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "sandboxd/http/server.h"
#include "sandboxd/replies/replies.h"
#include "sandboxd/system/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct application {
    _Atomic bool lost; // the peer has seen the end of its connection
    _Atomic unsigned calls, dropped, status;
    _Atomic enum http_method method;
};

static bool on_begin(void *app, struct http_request *request)
{
    (void)app;
    if (request->reply_key == NULL)
        request->reply_key = calloc(1, sizeof(*request->reply_key));
    return true;
}

static void on_drop(void *app, struct http_request *request)
{
    struct application *application = app;
    assert_non_null(request->reply_key);
    atomic_fetch_add(&application->dropped, 1);
}

static void on_finished(void *app, const struct http_request *request, unsigned status, uint64_t duration_ns)
{
    (void)duration_ns;
    struct application *application = app;
    atomic_store(&application->method, request->method);
    atomic_store(&application->status, status);
}

static void on_departed(void *app, const char *work_id)
{
    (void)app;
    (void)work_id;
}

// Asks to be called again, and returns when its connection is closed.
static void be_lost(void *app, struct http_request *request)
{
    struct application *application = app;
    atomic_fetch_add(&application->calls, 1);
    http_suspend(request, "work");
    http_handle_again(request);
    while (!atomic_load(&application->lost))
        usleep(1000);
}

static void answer(void *app, struct http_request *request)
{
    (void)app;
    http_answer_static(request, 200, "text/plain", bytes_of_text("done"));
}

static const struct http_route items[] = {
    {METHOD_POST, "/lost", be_lost, NULL, SURFACE_API},
    {METHOD_POST, "/answer", answer, NULL, SURFACE_API},
};

// Asks a server of its own, until that closes the connection; then the server ends.
static void ask(struct application *application, const char *text)
{
    struct listen_address address;
    assert_true(listen_address_parse("127.0.0.1:0", &address, NULL));
    struct http_endpoint endpoint = {
        .fd = listen_open(&address, NULL), .surfaces = SURFACE_API, .threads = 1};
    listen_name(endpoint.fd, endpoint.name);
    struct http_options options = {.routes = {.items = items, .count = sizeof(items) / sizeof(items[0])},
                                   .max_connections = 10,
                                   .idle_timeout_ms = 300,
                                   .max_body_bytes = 64,
                                   .app = application,
                                   .begin = on_begin,
                                   .drop = on_drop,
                                   .finished = on_finished,
                                   .departed = on_departed};
    struct http_server *server = http_server_new(&options, NULL);
    assert_non_null(server);
    assert_true(http_server_listen(server, &endpoint, 1, NULL));
    struct sockaddr_in peer = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(strrchr(endpoint.name, ':') + 1)),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&peer, sizeof(peer)), 0);
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    char heard[4096];
    while (recv(fd, heard, sizeof(heard), 0) > 0)
        ;
    atomic_store(&application->lost, true);
    http_server_refuse_new(server);
    assert_true(http_server_drain(server, 20000));
    http_server_stop(server);
}

static void key_of_a_request_that_is_lost_before_it_is_handled_again_is_dropped(void **state)
{
    (void)state;
    struct application application = {.lost = false};
    ask(&application, "POST /lost HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(application.status, 499);
    assert_int_equal(application.calls, 1);
    assert_int_equal(application.dropped, 1);
}

static void key_of_a_request_that_is_answered_at_once_is_dropped_once(void **state)
{
    (void)state;
    struct application application = {.lost = false};
    ask(&application, "POST /answer HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(application.status, 200);
    assert_int_equal(application.dropped, 1);
}

static void what_is_refused_is_told_of_by_its_own_method(void **state)
{
    (void)state;
    static char long_target[10000];
    static const struct {
        const char *request;
        unsigned status;
        enum http_method method;
    } table[] = {
        {"POST /answer HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, METHOD_POST},
        {"P(ST /answer HTTP/1.1\r\nHost: x\r\n\r\n", 400, METHOD_COUNT},
        {"BREW /answer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 501, METHOD_COUNT},
        {long_target, 414, METHOD_POST},
    };
    snprintf(long_target, sizeof long_target,
             "POST /%09000d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 0);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct application application = {.lost = false};
        ask(&application, table[i].request);
        if (application.status != table[i].status || application.method != table[i].method)
            fail_msg("row %zu: %u, %s", i, application.status, http_method_name(application.method));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_of_a_request_that_is_lost_before_it_is_handled_again_is_dropped),
        cmocka_unit_test(key_of_a_request_that_is_answered_at_once_is_dropped_once),
        cmocka_unit_test(what_is_refused_is_told_of_by_its_own_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
