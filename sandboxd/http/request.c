// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/request.h"

#include "base/require.h"
#include "sandboxd/http/exchange.h"

#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { PROBLEM_SIZE_MAX = 1 << 20, DETAIL_SIZE = 1024 };

const char *http_header_value(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool http_on_api_listener(const struct http_request *request)
{
    return (request->listener->surfaces & SURFACE_API) != 0;
}

void http_remote_address(const struct http_request *request, char text[REMOTE_SIZE])
{
    snprintf(text, REMOTE_SIZE, "unix");
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL || info->client_addr->sa_family == AF_UNIX)
        return;
    socklen_t size =
        info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    getnameinfo(info->client_addr, size, text, REMOTE_SIZE, NULL, 0, NI_NUMERICHOST);
}

void http_trust_caller(struct http_request *request)
{
    const struct http_options *options = &request->listener->server->options;
    if (options->propagates_traces)
        trace_context_adopt(&request->trace);
    if (options->keeps_trace != NULL)
        request->trace.sampled = options->keeps_trace(options->app, request);
}

static enum MHD_Result add_trace_state(void *state, enum MHD_ValueKind kind, const char *name,
                                       size_t name_length, const char *value, size_t value_length)
{
    (void)kind;
    if (name_length == 10 && strncasecmp(name, "tracestate", 10) == 0)
        trace_state_add(state, bytes_of(value, value_length));
    return MHD_YES;
}

void http_trace_state(const struct http_request *request, struct buffer *out)
{
    if (request->trace.has_parent)
        MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, add_trace_state, out);
    if (!buffer_ok(out))
        buffer_clear(out);
}

static void drop_response(struct http_response *response)
{
    if (!response->body_is_static)
        free(response->body);
    response->body = NULL;
    response->length = 0;
    response->problem = NULL;
}

// There is no memory for an answer of that status.
static void answer_no_memory(struct http_request *request, unsigned status)
{
    if (status < 300) {
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "%sthe server has no memory for the answer",
                    request->method == METHOD_GET ? "" : "it was done, but ");
        return;
    }
    http_answer_static(
        request, 500, "application/problem+json",
        bytes_of_text("{\"type\":\"urn:sandboxd:problem:internal_error\",\"title\":\"The service "
                      "failed\",\"status\":500,\"detail\":\"out of memory while answering\","
                      "\"code\":\"internal_error\"}"));
    request->response.problem = problem_table[PROBLEM_INTERNAL_ERROR].code;
}

void http_answer(struct http_request *request, unsigned status, const char *content_type, struct buffer *body)
{
    size_t length = 0;
    char *data = buffer_take(body, &length);
    request->response.done |= status < 300;
    if (data == NULL) {
        buffer_free(body);
        answer_no_memory(request, status);
        return;
    }
    drop_response(&request->response);
    request->response.status = status;
    request->response.content_type = content_type;
    request->response.body = data;
    request->response.length = length;
    request->response.body_is_static = false;
}

void http_answer_static(struct http_request *request, unsigned status, const char *content_type,
                        struct bytes body)
{
    request->response.done |= status < 300;
    drop_response(&request->response);
    request->response.status = status;
    request->response.content_type = content_type;
    request->response.body = (char *)body.data;
    request->response.length = body.length;
    request->response.body_is_static = true;
}

void http_add_header(struct http_request *request, const char *name, const char *format, ...)
{
    require(request->response.header_count < RESPONSE_HEADERS_MAX);
    struct http_header *header = &request->response.header[request->response.header_count++];
    header->name = name;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(header->value, sizeof(header->value), format, arguments);
    va_end(arguments);
}

static void answer_problem(struct http_request *request, const struct problem *problem)
{
    const struct problem_info *info = &problem_table[problem->code];
    struct problem whole = *problem;
    whole.request_id = request->request_id;
    whole.trace_id = request->trace.trace_id;
    if (whole.instance == NULL)
        whole.instance = request->path;
    struct buffer body = buffer_make(PROBLEM_SIZE_MAX);
    problem_put(&body, &whole);
    http_answer(request, info->status, "application/problem+json", &body);
    if (request->response.body_is_static)
        return; // no memory for it, and so another
    request->response.problem = info->code;
    if (info->retry_after_s > 0)
        http_add_header(request, "Retry-After", "%u", info->retry_after_s);
}

void http_refuse(struct http_request *request, enum problem_code code, const char *format, ...)
{
    char detail[DETAIL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);
    answer_problem(request, &(struct problem){.code = code, .detail = detail});
}

void http_refuse_faults(struct http_request *request, enum problem_code code,
                        const struct diagnostics *faults, const char *format, ...)
{
    char detail[DETAIL_SIZE];
    if (faults->exhausted) {
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory to read the request");
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);
    answer_problem(request, &(struct problem){.code = code, .detail = detail, .faults = faults});
}

void http_refuse_limit(struct http_request *request, enum problem_code code,
                       const struct problem_limit *limit, const char *format, ...)
{
    char detail[DETAIL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);
    answer_problem(request, &(struct problem){.code = code, .detail = detail, .limit = limit});
}

void http_refuse_run(struct http_request *request, enum problem_code code, const char *run_id,
                     const char *detail)
{
    char instance[64];
    snprintf(instance, sizeof(instance), "/v1/runs/%s", run_id);
    answer_problem(request,
                   &(struct problem){.code = code, .detail = detail, .instance = instance, .run_id = run_id});
}
