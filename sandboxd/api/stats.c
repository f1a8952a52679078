// SPDX-License-Identifier: Apache-2.0
// GET /v1/stats: the figures of /metrics for people and the console.
#include "base/clock.h"
#include "base/json_write.h"
#include "sandboxd/api/isolation.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/system/process.h"
#include "sandboxd/version.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS_SHOWN = 100, STATUS_LABEL = 0, CODE_LABEL = 2 }; // of METRIC_RUNS, METRIC_HTTP_REQUESTS

static void put_number(struct buffer *out, const char *name, uint64_t value)
{
    json_put_name(out, name);
    json_put_unsigned(out, value);
}

static void put_text(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    json_put_text(out, text);
}

static void open_object(struct buffer *out, const char *name)
{
    json_put_name(out, name);
    buffer_append_byte(out, '{');
}

static void put_runs(struct buffer *out, struct service *service, const struct engine_figures *figures)
{
    open_object(out, "runs");
    put_number(out, "total", metrics_read_all(service->metrics, METRIC_RUNS));
    put_number(out, "running", figures->running);
    put_number(out, "queued", figures->queued);
    open_object(out, "by_status");
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        const char *name = outcome_name((enum outcome)i);
        put_number(out, name, metrics_read_where(service->metrics, METRIC_RUNS, STATUS_LABEL, name));
    }
    buffer_append_byte(out, '}');
    json_put_name(out, "in_flight");
    run_registry_put(service->runs, out, RUNS_SHOWN);
    buffer_append_byte(out, '}');
}

// Three significant digits: a bucket's width says no more.
static double rounded_estimate(double value)
{
    char text[32];
    snprintf(text, sizeof(text), "%.2e", value);
    return strtod(text, NULL);
}

static void put_quantiles(struct buffer *out, const char *name, struct metrics *metrics,
                          enum metric_family family, double divisor)
{
    static const struct {
        const char *name;
        double quantile;
    } quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}};
    open_object(out, name);
    for (unsigned i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
        json_put_name(out, quantiles[i].name);
        json_put_double(out,
                        rounded_estimate(metrics_quantile(metrics, family, quantiles[i].quantile) / divisor));
    }
    buffer_append_byte(out, '}');
}

static void put_engine(struct buffer *out, const struct engine_figures *figures)
{
    open_object(out, "workers");
    put_number(out, "idle", figures->idle_workers);
    put_number(out, "running", figures->running);
    put_number(out, "forks", figures->forks);
    put_number(out, "zygote_restarts", figures->zygote_restarts);
    put_number(out, "promised_memory_bytes", figures->promised_memory_bytes);
    buffer_append_byte(out, '}');
}

static void put_http(struct buffer *out, struct service *service)
{
    struct metrics *metrics = service->metrics;
    open_object(out, "http");
    put_number(out, "connections", http_server_connections(service->http));
    put_number(out, "requests_total", metrics_read_all(metrics, METRIC_HTTP_REQUESTS));
    put_number(out, "limited_total", metrics_read_where(metrics, METRIC_HTTP_REQUESTS, CODE_LABEL, "429"));
    put_number(out, "unavailable_total",
               metrics_read_where(metrics, METRIC_HTTP_REQUESTS, CODE_LABEL, "503"));
    buffer_append_byte(out, '}');
}

static void put_process(struct buffer *out)
{
    struct process_figures figures;
    json_put_name(out, "process");
    if (!process_read_figures(&figures)) {
        buffer_append_text(out, "null");
        return;
    }
    buffer_append_byte(out, '{');
    json_put_name(out, "cpu_seconds");
    json_put_double(out, figures.cpu_seconds);
    put_number(out, "resident_bytes", figures.resident_bytes);
    put_number(out, "open_fds", figures.open_fds);
    put_number(out, "max_fds", figures.max_fds);
    buffer_append_byte(out, '}');
}

static void put_isolation(struct buffer *out, struct service *service)
{
    struct isolation_report report;
    bool found = isolation_overall(service, &report);
    open_object(out, "isolation");
    for (unsigned i = 0; found && i < ISOLATION_LAYER_COUNT; i++)
        put_text(out, isolation_layer_name((enum isolation_layer)i), layer_state_name(report.layer[i].state));
    buffer_append_byte(out, '}');
}

void stats_get(void *app, struct http_request *request)
{
    struct service *service = app;
    struct buffer body = buffer_make(4 << 20), *out = &body;
    struct engine_figures figures;
    engine_read_figures(service->engine, &figures);
    char started[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(service->started_unix_ms, started);
    buffer_append_byte(out, '{');
    put_text(out, "version", SANDBOXD_VERSION);
    put_text(out, "started_at", started);
    put_number(out, "uptime_s", (uint64_t)(clock_unix_ms() - service->started_unix_ms) / 1000);
    put_runs(out, service, &figures);
    put_quantiles(out, "duration_ms", service->metrics, METRIC_RUN_DURATION, 1e3);
    put_quantiles(out, "cpu_ms", service->metrics, METRIC_RUN_CPU, 1e3);
    put_quantiles(out, "memory_bytes", service->metrics, METRIC_RUN_MEMORY, 1);
    put_engine(out, &figures);
    put_http(out, service);
    put_isolation(out, service);
    put_process(out);
    buffer_append_byte(out, '}');
    http_answer(request, 200, "application/json", &body);
}
