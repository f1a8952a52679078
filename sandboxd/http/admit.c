// SPDX-License-Identifier: Apache-2.0
// What can be refused from the headers alone, before a byte of the body is read.
#include "base/uuid.h"
#include "sandboxd/http/exchange.h"
#include "sandboxd/http/framing.h"
#include "sandboxd/observe/contexts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// A refused request with a body up to this is read to its end, so that the connection can go on.
enum { TARGET_LENGTH_MAX = 8192, DISCARD_MAX = 64 * 1024, HEADER_NAMES_MAX = 1024 };

static enum MHD_Result see_header(void *framing, enum MHD_ValueKind kind, const char *name,
                                  size_t name_length, const char *value, size_t value_length)
{
    (void)kind;
    framing_header(framing, bytes_of(name, name_length), bytes_of(value, value_length));
    return MHD_YES;
}

// Printable, without anything that could break out of a header field or a log line.
static bool request_id_sane(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > REQUEST_ID_SIZE)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("-._~:/+=@", text[i]) == NULL)
            return false;
    return true;
}

static void name_request(struct http_request *request)
{
    const char *id = http_header_value(request, "X-Request-Id");
    if (id != NULL && request_id_sane(id))
        memcpy(request->request_id, id, strlen(id) + 1);
    else
        uuid_v7(request->request_id);
    trace_context_begin(&request->trace, http_header_value(request, "traceparent"));
    // Refusals name the trace, so it has to be known before anything is looked at.
    const struct http_options *options = &request->listener->server->options;
    if (options->local_origins_only && options->propagates_traces)
        trace_context_adopt(&request->trace);
}

static enum MHD_Result put_header_name(void *names, enum MHD_ValueKind kind, const char *name,
                                       const char *value)
{
    (void)kind;
    (void)value;
    if (((struct buffer *)names)->length > 0)
        buffer_append_text(names, ", ");
    buffer_append_text(names, name);
    return MHD_YES;
}

// Headers by their names alone: what they hold may be secret. So may a query.
static void tell_received(struct http_request *request, const char *method)
{
    struct logger *logger = request->listener->server->options.logger;
    const struct log_site site = {.file = __FILE__};
    if (!log_wanted(logger, &site, LOG_TRACE))
        return;
    char memory[HEADER_NAMES_MAX];
    struct buffer names = buffer_over(memory, sizeof(memory));
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, put_header_name, &names);
    const struct log_context context = request_log_context(request);
    log_in(logger, &context, LOG_TRACE, "request received", LOG_TEXT("method", method),
           LOG_TEXT("path", request->path), LOG_BOOL("query", request->query[0] != '\0'),
           LOG_TEXT("header_names", names.length > 0 ? names.data : NULL));
}

static void decide_trace(struct http_request *request)
{
    const struct http_options *options = &request->listener->server->options;
    if (options->keeps_trace != NULL)
        request->trace.sampled = options->keeps_trace(options->app, request);
}

// "application/json" with any parameters, or a type ending in "+json".
static bool media_type_is_json(const char *type)
{
    size_t length = strcspn(type, "; \t");
    return (length == 16 && strncasecmp(type, "application/json", 16) == 0) ||
           (length > 5 && strncasecmp(type + length - 5, "+json", 5) == 0);
}

static void split_target(struct http_request *request)
{
    request->path[strcspn(request->path, "?#")] = '\0';
    char *mark = request->target + strcspn(request->target, "?#");
    request->query = *mark == '?' ? mark + 1 : mark;
    *mark = '\0';
}

static void find_route(struct http_request *request, const char *method)
{
    const struct http_server *server = request->listener->server;
    if (strlen(request->target) > TARGET_LENGTH_MAX) {
        request->path[64] = '\0'; // enough of it for the answer
        http_refuse(request, PROBLEM_URI_TOO_LONG, "a request target has at most %d bytes",
                    TARGET_LENGTH_MAX);
        return;
    }
    split_target(request);
    if (request->method == METHOD_COUNT) {
        snprintf(request->unknown_method, sizeof request->unknown_method, "%s", method);
        http_refuse(request, PROBLEM_METHOD_NOT_IMPLEMENTED,
                    "this server knows GET, HEAD, POST, PUT, PATCH "
                    "and DELETE");
        return;
    }
    if (!router_match(&server->options.routes, request->listener->surfaces, request->method, request->target,
                      &request->match)) {
        http_refuse(request, PROBLEM_BAD_REQUEST, "the path has a malformed percent-escape");
    } else if (request->match.route == NULL && request->match.path_known) {
        http_refuse(request, PROBLEM_METHOD_NOT_ALLOWED, "%s is not a method of this resource; it has %s",
                    method, request->match.allow);
        http_add_header(request, "Allow", "%s", request->match.allow);
    } else if (request->match.route == NULL) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no route %s; GET /openapi.json lists them",
                    request->path);
    }
}

static void check_load(struct http_request *request)
{
    struct http_server *server = request->listener->server;
    bool probe = (request->match.route->surfaces & SURFACE_PROBES) != 0;
    if (probe)
        return;
    if (atomic_load(&server->refusing)) {
        http_refuse(request, PROBLEM_STOPPING, "the server is stopping and takes no new requests; try again");
        request->close_after = true;
    } else if (!clients_admit(server->clients, request->client)) {
        http_refuse(request, PROBLEM_QUEUE_FULL, "more than %u connections are open (http.max_connections)",
                    server->options.max_connections);
        request->close_after = true;
    }
}

// "localhost:3000", "127.0.0.1", "[::1]:80": this host, whatever the port.
static bool authority_is_local(const char *authority)
{
    bool bracketed = authority[0] == '[';
    const char *host = authority + bracketed;
    size_t length = strcspn(host, bracketed ? "]" : ":");
    const char *rest = host + length;
    if (bracketed && *rest++ != ']')
        return false;
    char text[INET6_ADDRSTRLEN];
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (length >= sizeof(text) ||
        (*rest != '\0' && (*rest != ':' || rest[1 + strspn(rest + 1, "0123456789")] != '\0')))
        return false;
    memcpy(text, host, length);
    text[length] = '\0';
    if (bracketed)
        return inet_pton(AF_INET6, text, &ipv6) == 1 &&
               (IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127));
    return strcasecmp(text, "localhost") == 0 ||
           (inet_pton(AF_INET, text, &ipv4) == 1 && ntohl(ipv4.s_addr) >> 24 == 127);
}

// "http://localhost:3000", "https://[::1]": a page of this host.
static bool origin_is_local(const char *origin)
{
    const char *mark = strstr(origin, "://");
    return mark != NULL && authority_is_local(mark + 3);
}

// Without keys, whoever reaches the socket may do everything, and a browser on this host reaches it for every
// page that it shows. It says so in Origin; unless the page's host has made its own name resolve to this one
// (DNS rebinding), so that the browser takes both for the same. Then that name is in Host. No browser reaches
// a Unix socket, and clients put any Host there. Without keys every listener is local, so its own address is
// too.
static void check_origin(struct http_request *request)
{
    if (!request->listener->server->options.local_origins_only)
        return;
    const char *origin = http_header_value(request, "Origin"), *host = http_header_value(request, "Host");
    char remote[REMOTE_SIZE];
    http_remote_address(request, remote);
    if (origin != NULL && !origin_is_local(origin))
        http_refuse(request, PROBLEM_ORIGIN_NOT_ALLOWED,
                    "auth is off, so pages of other hosts may not call; this one is of %s", origin);
    else if (host != NULL && strcmp(remote, "unix") != 0 && !authority_is_local(host))
        http_refuse(
            request, PROBLEM_ORIGIN_NOT_ALLOWED,
            "auth is off, so this host must be called by the name localhost, 127.0.0.1 or [::1]; Host is %s",
            host);
}

static void check_body_headers(struct http_request *request, const struct framing *framing)
{
    const struct http_options *options = &request->listener->server->options;
    if (framing->content_length > options->max_body_bytes) {
        http_refuse(request, PROBLEM_BODY_TOO_LARGE,
                    "the body has %llu bytes; http.max_body_bytes of this server is %llu",
                    (unsigned long long)framing->content_length, (unsigned long long)options->max_body_bytes);
        return;
    }
    if (!request->match.route->takes_json)
        return;
    const char *type = http_header_value(request, "Content-Type");
    const char *coding = http_header_value(request, "Content-Encoding");
    if (type == NULL || !media_type_is_json(type))
        http_refuse(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                    "send the body with \"Content-Type: application/json\"; it came with %s%s%s",
                    type != NULL ? "\"" : "", type != NULL ? type : "none", type != NULL ? "\"" : "");
    else if (coding != NULL && strcasecmp(coding, "identity") != 0)
        http_refuse(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                    "send the body without a Content-Encoding; it came with \"%s\"", coding);
}

void exchange_admit(struct http_request *request, const char *method, const char *version)
{
    const struct http_server *server = request->listener->server;
    struct framing framing = {.fault = NULL};
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, see_header, &framing);
    bool sound = framing_check(&framing, method, version);
    http_method_by_name(method, &request->method); // for whoever tells of it, even if it is refused
    name_request(request);
    if (!sound) {
        split_target(request);
        http_refuse(request, PROBLEM_BAD_REQUEST, "%s", framing.fault);
        decide_trace(request);
        tell_received(request, method);
        request->close_after = true;
        return;
    }
    find_route(request, method);
    decide_trace(request);
    tell_received(request, method);
    if (request->response.status == 0)
        check_load(request);
    if (request->response.status == 0)
        check_origin(request);
    if (request->response.status == 0 && server->options.authorize != NULL)
        server->options.authorize(server->options.app, request);
    if (request->response.status == 0)
        check_body_headers(request, &framing);
    if (request->response.status == 0 && request->match.route->early != NULL)
        request->match.route->early(server->options.app, request);
    if (request->response.status == 0) {
        // No more is set aside than was declared; a body in chunks grows as it comes.
        if (framing.content_length > 0)
            buffer_reserve(&request->body, (size_t)framing.content_length);
        return;
    }
    bool chunked = framing.transfer_encodings > 0, waits = http_header_value(request, "Expect") != NULL;
    request->discarding = true;
    request->body_is_coming = !waits && (chunked || framing.content_length > 0);
    request->close_after |= waits || chunked || framing.content_length > DISCARD_MAX;
}
