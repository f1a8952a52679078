// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/observe/run_observation.h"

#include "base/clock.h"
#include "base/syscall_names.h"
#include "policies/forbidden_syscalls.h"
#include "sandboxd/api/submission.h"
#include "sandboxd/observe/contexts.h"
#include "sandboxd/observe/plugin_log.h"
#include "sandboxd/observe/request_spans.h"

const char *request_exemplar(const struct service *service, const struct http_request *request)
{
    return service->exporter == NULL || request->trace.sampled ? request->trace.trace_id : NULL;
}

static void observe_stages(struct metrics *metrics, const struct run_figures *figures)
{
    // queue and wall hold the other two; what is left of wall is the execution.
    uint64_t around_us = figures->dispatch_us + figures->exit_us;
    uint64_t execute_us = figures->wall_us > around_us ? figures->wall_us - around_us : 0;
    metrics_add(metrics, METRIC_RUN_STAGE, figures->queue_us, "queue", NULL, NULL);
    metrics_add(metrics, METRIC_RUN_STAGE, figures->dispatch_us, "dispatch", NULL, NULL);
    metrics_add(metrics, METRIC_RUN_STAGE, execute_us, "execute", NULL, NULL);
    metrics_add(metrics, METRIC_RUN_STAGE, figures->exit_us, "exit", NULL, NULL);
}

static const char *name_of(uint32_t syscall_number)
{
    const char *name = syscall_name(syscall_number);
    return name != NULL ? name : "unknown";
}

// Under a policy in audit mode a refused call is what the audit is to find. One that no policy can allow is
// nobody's need: an attempt to get out as under any other.
static bool is_attempt(const struct audited_syscall *call)
{
    const char *name = syscall_name(call->number);
    return name == NULL || forbidden_syscall_find(bytes_of_text(name)) != NULL;
}

void run_tell_attempts(struct logger *logger, const struct run_result *result,
                       const struct log_context *context, const char *code_sha256)
{
    static const char message[] = "a forbidden system call was stopped";
    if (result->syscall_known)
        log_of(logger, "run", context, LOG_WARN, message,
               LOG_TEXT("syscall", name_of(result->syscall_number)), LOG_INTEGER("count", 1),
               LOG_TEXT("code_sha256", code_sha256));
    for (uint32_t i = 0; i < result->audit_count; i++)
        if (is_attempt(&result->audit[i]))
            log_of(logger, "run", context, LOG_WARN, message,
                   LOG_TEXT("syscall", name_of(result->audit[i].number)),
                   LOG_INTEGER("count", result->audit[i].count), LOG_TEXT("code_sha256", code_sha256));
}

static void count_syscall(struct metrics *metrics, enum metric_family family, uint32_t number, uint64_t times)
{
    metrics_add(metrics, family, times, name_of(number), NULL, NULL);
}

void run_count(struct metrics *metrics, const struct run_result *result, const char *trace_id)
{
    const char *policy = result->policy_name;
    const struct run_figures *figures = &result->figures;
    metrics_add(metrics, METRIC_RUNS, 1, outcome_name(result->outcome), policy, NULL);
    metrics_add_traced(metrics, METRIC_RUN_DURATION, figures->wall_us, policy, NULL, NULL, trace_id);
    metrics_add_traced(metrics, METRIC_RUN_CPU, figures->cpu_us, policy, NULL, NULL, trace_id);
    metrics_add(metrics, METRIC_RUN_MEMORY, figures->memory_bytes, policy, NULL, NULL);
    observe_stages(metrics, figures);
    if (result->limit_hit && run_limit_table[result->limit].unit == UNIT_MS)
        metrics_add(metrics, METRIC_LIMIT_OVERSHOOT, figures->overshoot_us,
                    run_limit_table[result->limit].name, NULL, NULL);
    if (result->syscall_known)
        count_syscall(metrics, METRIC_DENIED_SYSCALLS, result->syscall_number, 1);
    for (uint32_t i = 0; i < result->audit_count; i++)
        count_syscall(metrics,
                      is_attempt(&result->audit[i]) ? METRIC_DENIED_SYSCALLS : METRIC_AUDITED_SYSCALLS,
                      result->audit[i].number, result->audit[i].count);
}

static void log_run(struct logger *logger, const struct run_record *record, const struct log_context *context)
{
    enum severity severity = record->outcome == OUTCOME_INTERNAL_ERROR ? LOG_ERROR : LOG_INFO;
    const struct log_site site = {.module = "run", .context = context, .every = true};
    if (!log_wanted(logger, &site, severity))
        return;
    const struct run_figures *figures = &record->figures;
    const struct log_field fields[] = {
        LOG_TEXT("status", outcome_name(record->outcome)),
        LOG_MS_FROM_US("wall_ms", figures->wall_us),
        LOG_MS_FROM_US("cpu_ms", figures->cpu_us),
        LOG_MS_FROM_US("queue_ms", figures->queue_us),
        LOG_INTEGER("memory_bytes", figures->memory_bytes),
        LOG_INTEGER("rss_bytes", figures->rss_bytes),
        LOG_TEXT("error", record->message[0] != '\0' ? record->message : NULL),
    };
    log_event(logger, &site, severity, "run", fields, sizeof fields / sizeof *fields);
}

static void log_request(struct logger *logger, const struct http_request *request, unsigned status,
                        uint64_t duration_ns, const struct log_context *context)
{
    const struct http_route *route = request->match.route;
    bool quiet = status < 500 && route != NULL && route->quiet;
    enum severity severity = quiet ? LOG_DEBUG : status >= 500 && status != 503 ? LOG_WARN : LOG_INFO;
    const struct log_site site = {.module = "http", .context = context, .every = true};
    if (!log_wanted(logger, &site, severity))
        return;
    char remote[REMOTE_SIZE];
    http_remote_address(request, remote);
    const struct log_field fields[] = {
        LOG_TEXT("method", http_method_name(request->method)),
        LOG_TEXT("path", request->path),
        LOG_INTEGER("status", status),
        LOG_TEXT("problem", request->response.problem),
        LOG_MS_FROM_US("duration_ms", duration_ns / NS_PER_US),
        LOG_INTEGER("response_bytes", request->response.length),
        LOG_TEXT("remote", remote),
    };
    log_event(logger, &site, severity, "request", fields, sizeof fields / sizeof *fields);
}

void request_observe(struct service *service, const struct http_request *request, unsigned status,
                     uint64_t duration_ns)
{
    const struct http_route *route = request->match.route;
    const char *method = http_method_name(request->method),
               *pattern = route != NULL ? route->pattern : "none";
    const char code[4] = {(char)('0' + status / 100 % 10), (char)('0' + status / 10 % 10),
                          (char)('0' + status % 10), '\0'};
    metrics_add(service->metrics, METRIC_HTTP_REQUESTS, 1, method, pattern, code);
    metrics_add_traced(service->metrics, METRIC_HTTP_DURATION, duration_ns / NS_PER_US, method, pattern, NULL,
                       request_exemplar(service, request));
    const struct log_context context = request_log_context(request);
    struct submission *submission = request->note;
    if (submission != NULL) {
        const struct log_context run = run_log_context(&submission->record, &context);
        log_run(&service->logger, &submission->record, &run);
        plugin_log_write(service, &submission->plugin_records);
    }
    request_spans_export(service, request, status, duration_ns);
    log_request(&service->logger, request, status, duration_ns, &context);
}
