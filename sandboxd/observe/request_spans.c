// SPDX-License-Identifier: Apache-2.0
// Names after OpenTelemetry's conventions for HTTP servers (stable) and FaaS (in development); what they have
// no name for is sandbox.*. Nothing that a plugin or its caller wrote goes into a span but what names the
// request: no query string, no error text.
#include "sandboxd/observe/request_spans.h"

#include "base/clock.h"
#include "base/syscall_names.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/api/submission.h"
#include "sandboxd/trace/sampler.h"
#include "sandboxd/trace/span.h"

#include <stdio.h>
#include <time.h>

enum { SPAN_BYTES_MAX = 64 * 1024, STATUS_CLIENT_GONE = 499 };

// What the spans of one request have in common.
struct scene {
    struct service *service;
    const struct http_request *request;
    unsigned status;
    uint64_t end_ns;
    uint64_t unix_offset_ns; // one for all, so that the children stay inside of their parent
    char trace_state[TRACESTATE_BYTES_MAX + 1];
};

bool request_trace_kept(void *service_, const struct http_request *request)
{
    const struct service *service = service_;
    if (service->exporter == NULL)
        return request->trace.has_parent && request->trace.caller.sampled; // passed on, nothing is kept here
    // Probes and scrapes come every few seconds: nobody reads traces of them.
    if (request->match.route != NULL && request->match.route->quiet)
        return false;
    return sampler_keeps(&service->tracing, &request->trace);
}

static uint64_t unix_offset_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec - clock_monotonic_ns();
}

static bool is_run(const struct http_request *request)
{
    return request->match.route != NULL && request->match.route->handle == runs_create;
}

static void put_request(struct buffer *out, const struct scene *scene)
{
    const struct http_request *request = scene->request;
    const struct http_route *route = request->match.route;
    char remote[REMOTE_SIZE];
    http_remote_address(request, remote);
    bool known = request->method < METHOD_COUNT;
    span_text(out, "http.request.method", known ? http_method_name(request->method) : "_OTHER");
    span_text(out, "http.request.method_original", request->unknown_method);
    span_text(out, "url.path", request->path);
    span_text(out, "url.scheme", "http");
    span_text(out, "http.route", route != NULL ? route->pattern : NULL);
    span_text(out, "network.peer.address", remote);
    span_text(out, "client.address", remote);
    span_text(out, "user_agent.original", http_header_value(request, "User-Agent"));
    span_integer(out, "http.request.body.size", (int64_t)request->body.length);
    span_text(out, "sandbox.request_id", request->request_id);
    span_text(out, "sandbox.problem", request->response.problem);
    if (scene->status == STATUS_CLIENT_GONE) {
        span_text(out, "error.type", "client_gone");
        return;
    }
    span_integer(out, "http.response.status_code", scene->status);
    span_integer(out, "http.response.body.size", (int64_t)request->response.length);
    if (scene->status >= 500)
        span_text(out, "error.type", request->response.problem != NULL ? request->response.problem : "500");
}

static void export_server(const struct scene *scene)
{
    const struct http_request *request = scene->request;
    const struct trace_context *trace = &request->trace;
    const struct http_route *route = request->match.route;
    bool known = request->method < METHOD_COUNT;
    char name[160];
    snprintf(name, sizeof name, "%s%s%s", known ? http_method_name(request->method) : "HTTP",
             route != NULL ? " " : "", route != NULL ? route->pattern : "");
    struct span_head head = {
        .trace_id = trace->trace_id,
        .span_id = trace->span_id,
        .parent_span_id = trace->has_parent ? trace->caller.span_id : "",
        .parent_is_remote = trace->has_parent,
        .trace_state = scene->trace_state,
        .name = name,
        .kind = SPAN_SERVER,
        .start_unix_ns = request->start_ns + scene->unix_offset_ns,
        .end_unix_ns = scene->end_ns + scene->unix_offset_ns,
    };
    struct buffer out = buffer_make(SPAN_BYTES_MAX);
    span_open(&out, &head);
    put_request(&out, scene);
    // A 4xx is the caller's fault, and no error of the server's.
    span_close(&out, scene->status >= 500 ? SPAN_ERROR : SPAN_UNSET, NULL,
               trace->has_parent ? NULL : &trace->caller);
    exporter_add(scene->service->exporter, &out);
}

// Opens a child of the server's span, cut to it.
static struct buffer open_stage(const struct scene *scene, const char *name, uint64_t start_ns,
                                uint64_t end_ns)
{
    const struct trace_context *trace = &scene->request->trace;
    char span_id[SPAN_ID_SIZE + 1];
    span_id_make(span_id);
    if (end_ns > scene->end_ns)
        end_ns = scene->end_ns;
    if (start_ns > end_ns)
        start_ns = end_ns;
    struct span_head head = {
        .trace_id = trace->trace_id,
        .span_id = span_id,
        .parent_span_id = trace->span_id,
        .trace_state = scene->trace_state,
        .name = name,
        .kind = SPAN_INTERNAL,
        .start_unix_ns = start_ns + scene->unix_offset_ns,
        .end_unix_ns = end_ns + scene->unix_offset_ns,
    };
    struct buffer out = buffer_make(SPAN_BYTES_MAX);
    span_open(&out, &head);
    return out;
}

static void close_stage(const struct scene *scene, struct buffer *out, const char *error_type)
{
    span_text(out, "error.type", error_type);
    span_close(out, error_type != NULL ? SPAN_ERROR : SPAN_UNSET, NULL, NULL);
    exporter_add(scene->service->exporter, out);
}

// A 4xx is the caller's fault, here as in the server's span.
static void close_admission(const struct scene *scene, struct buffer *out, const char *error_type)
{
    bool callers = scene->status >= 400 && scene->status < 500;
    span_text(out, "error.type", error_type);
    span_close(out, error_type != NULL && !callers ? SPAN_ERROR : SPAN_UNSET, NULL, NULL);
    exporter_add(scene->service->exporter, out);
}

static void put_outcome(struct buffer *out, const struct run_record *record)
{
    const struct run_figures *figures = &record->figures;
    span_text(out, "faas.trigger", "http");
    span_text(out, "faas.invocation_id", record->id);
    span_bool(out, "faas.coldstart", figures->cold_start);
    span_text(out, "faas.name", record->plugin);
    span_text(out, "faas.version", record->plugin_version);
    span_text(out, "sandbox.status", outcome_name(record->outcome));
    span_text(out, "sandbox.policy", record->policy);
    span_text(out, "sandbox.policy_version", record->policy_version);
    span_text(out, "sandbox.tenant", record->tenant);
    span_text(out, "sandbox.code_sha256", record->code_sha256);
    span_double(out, "sandbox.wall_ms", (double)figures->wall_us / 1000);
    span_double(out, "sandbox.cpu_ms", (double)figures->cpu_us / 1000);
    span_double(out, "sandbox.exit_ms", (double)figures->exit_us / 1000);
    span_integer(out, "sandbox.memory_bytes", (int64_t)figures->memory_bytes);
    span_integer(out, "sandbox.rss_bytes", (int64_t)figures->rss_bytes);
    span_integer(out, "sandbox.output_bytes", (int64_t)figures->output_bytes);
    span_integer(out, "sandbox.log_bytes", (int64_t)figures->log_bytes);
    if (figures->instructions_counted)
        span_integer(out, "sandbox.instructions", (int64_t)figures->instructions);
    if (record->limit_hit) {
        span_text(out, "sandbox.limit", run_limit_table[record->limit].name);
        span_text(out, "sandbox.limit_set_by", limit_origin_name(record->limit_set_by));
    }
    if (record->syscall_known)
        span_text(out, "sandbox.syscall", syscall_name(record->syscall_number));
    if (record->line > 0)
        span_integer(out, "sandbox.error_line", record->line);
}

static void export_stages(const struct scene *scene, const struct submission *submission)
{
    const struct run_record *record = &submission->record;
    const struct run_figures *figures = &record->figures;
    const char *failure = record->outcome != OUTCOME_OK ? outcome_name(record->outcome) : NULL;
    uint64_t taken_ns = submission->registered.start_ns + figures->queue_us * NS_PER_US;
    uint64_t handed_ns = taken_ns + figures->dispatch_us * NS_PER_US;
    bool dispatched = figures->wall_us > 0;
    struct buffer out =
        open_stage(scene, "admission", scene->request->handle_ns, dispatched ? taken_ns : submission->end_ns);
    span_text(&out, "sandbox.policy", record->policy);
    span_text(&out, "sandbox.tenant", record->tenant);
    span_double(&out, "sandbox.queue_ms", (double)figures->queue_us / 1000);
    close_admission(scene, &out, dispatched ? NULL : failure);
    if (dispatched) {
        out = open_stage(scene, "dispatch", taken_ns, handed_ns);
        close_stage(scene, &out, NULL);
        out = open_stage(scene, "execute", handed_ns, taken_ns + figures->wall_us * NS_PER_US);
        put_outcome(&out, record);
        close_stage(scene, &out, failure);
    }
    out = open_stage(scene, "record", submission->end_ns, submission->recorded_ns);
    close_stage(scene, &out, NULL);
}

// A run that was refused never got beyond its admission: from the headers on, or since its body was there.
static void export_refusal(const struct scene *scene)
{
    const struct http_request *request = scene->request;
    uint64_t start_ns = request->handle_ns > 0 ? request->handle_ns : request->start_ns;
    struct buffer out = open_stage(scene, "admission", start_ns, scene->end_ns);
    span_text(&out, "sandbox.problem", request->response.problem);
    close_admission(scene, &out,
                    request->response.problem != NULL ? request->response.problem : "client_gone");
}

void request_spans_export(struct service *service, const struct http_request *request, unsigned status,
                          uint64_t duration_ns)
{
    if (service->exporter == NULL || !request->trace.sampled)
        return;
    struct scene scene = {
        .service = service,
        .request = request,
        .status = status,
        .end_ns = request->start_ns + duration_ns,
        .unix_offset_ns = unix_offset_ns(),
    };
    struct buffer state = buffer_over(scene.trace_state, sizeof scene.trace_state);
    http_trace_state(request, &state);
    if (request->note != NULL)
        export_stages(&scene, request->note);
    else if (is_run(request))
        export_refusal(&scene);
    export_server(&scene);
}
