// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/metrics_page.h"

#include "sandboxd/api/routes.h"
#include "sandboxd/service_health.h"
#include "sandboxd/system/process.h"
#include "sandboxd/version.h"

#include <stdio.h>
#include <string.h>

static void put_one(struct exposition *out, const char *name, const char *help, enum metric_kind kind,
                    double value)
{
    exposition_family(out, name, help, kind);
    exposition_sample(out, name, "", value);
}

static void put_engine(struct exposition *out, const struct engine *engine)
{
    struct engine_figures figures;
    engine_read_figures(engine, &figures);
    exposition_family(out, "sandbox_workers", "Worker processes, by what they do.", KIND_GAUGE);
    exposition_sample(out, "sandbox_workers", "state=\"idle\"", figures.idle_workers);
    exposition_sample(out, "sandbox_workers", "state=\"running\"", figures.running);
    put_one(out, "sandbox_queue_depth", "Runs that wait for a worker.", KIND_GAUGE, figures.queued);
    put_one(out, "sandbox_promised_memory_bytes", "Memory that the runs going on may take.", KIND_GAUGE,
            (double)figures.promised_memory_bytes);
    put_one(out, "sandbox_forks_total", "Workers forked.", KIND_COUNTER, (double)figures.forks);
    put_one(out, "sandbox_zygote_restarts_total", "Zygotes that died and were started again.", KIND_COUNTER,
            (double)figures.zygote_restarts);
}

static void put_layer(struct exposition *out, enum isolation_layer layer, enum layer_state found)
{
    for (unsigned state = LAYER_ACTIVE; state <= LAYER_MISSING; state++) {
        struct buffer labels = buffer_make(256);
        exposition_label(&labels, "layer", isolation_layer_name(layer));
        exposition_label(&labels, "state", layer_state_name((enum layer_state)state));
        if (buffer_ok(&labels))
            exposition_sample(out, "sandbox_isolation_layer", labels.data, state == found ? 1 : 0);
        buffer_free(&labels);
    }
}

// As /v1/health shows it too: what the checks in the background saw last.
static void put_isolation(struct exposition *out, struct service *service)
{
    struct isolation_report report;
    if (!service_isolation_seen(service, &report))
        return;
    exposition_family(out, "sandbox_isolation_layer", "1 for the state in which an isolation layer is.",
                      KIND_GAUGE);
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++)
        put_layer(out, (enum isolation_layer)i, report.layer[i].state);
}

static void put_check(void *out, const struct health_result *result)
{
    char check[HEALTH_COMPONENT_SIZE * 2 + 2];
    struct buffer labels = buffer_make(1024);
    snprintf(check, sizeof check, "%s:%s", result->finding.component, result->finding.measurement);
    exposition_label(&labels, "check", check);
    if (buffer_ok(&labels))
        exposition_sample(out, "sandbox_health_check", labels.data, result->health);
    buffer_free(&labels);
}

static void put_health(struct exposition *out, struct service *service)
{
    exposition_family(out, "sandbox_health_check",
                      "What GET /v1/health says of each check: 0 passes, 1 warns, 2 fails.", KIND_GAUGE);
    health_checks_read(service->health, put_check, out);
}

static void put_store(struct exposition *out, const struct store *store)
{
    struct store_figures figures;
    store_read_figures(store, &figures);
    static const char name[] = "sandbox_history_runs_total";
    exposition_family(out, name, "Runs for the history, by what became of their record.", KIND_COUNTER);
    exposition_sample(out, name, "result=\"written\"", (double)figures.written);
    exposition_sample(out, name, "result=\"queue_full\"", (double)figures.dropped_queue_full);
    exposition_sample(out, name, "result=\"store_failed\"", (double)figures.dropped_store_failed);
    put_one(out, "sandbox_history_queue_depth", "Runs that wait to be written to the history.", KIND_GAUGE,
            (double)figures.queued);
}

static void put_exporter(struct exposition *out, const struct exporter *exporter)
{
    struct exporter_figures figures = {0}; // shown without an exporter too, so that alerts find their metric
    if (exporter != NULL)
        exporter_read_figures(exporter, &figures);
    put_one(out, "sandbox_otlp_spans_exported_total", "Spans that the trace collector took.", KIND_COUNTER,
            (double)figures.exported);
    static const char name[] = "sandbox_otlp_spans_dropped_total";
    exposition_family(out, name, "Spans that were lost.", KIND_COUNTER);
    exposition_sample(out, name, "reason=\"queue_full\"", (double)figures.dropped_queue_full);
    exposition_sample(out, name, "reason=\"rejected\"", (double)figures.dropped_rejected);
    exposition_sample(out, name, "reason=\"failed\"", (double)figures.dropped_failed);
    put_one(out, "sandbox_otlp_queue_depth", "Spans that wait to be sent.", KIND_GAUGE,
            (double)figures.queued);
}

// Without a limit its family has no sample, and an alert on the share that is spent never fires.
static void put_cost(struct exposition *out, const struct service *service)
{
    static const char limit_name[] = "sandbox_cost_day_limit_micros";
    uint64_t limit = service->config.limits_cost_per_day_micros;
    put_one(out, "sandbox_cost_day_micros",
            "What all runs of this day cost, in millionths; those that go on at the most that they can.",
            KIND_GAUGE, (double)limits_cost_today(service->limits));
    exposition_family(out, limit_name, "limits.cost_per_day_micros; no sample without it.", KIND_GAUGE);
    if (limit != 0)
        exposition_sample(out, limit_name, "", (double)limit);
    put_one(out, "sandbox_limit_unwritten_total", "Requests that went on before their count was on the disk.",
            KIND_COUNTER, (double)limits_unwritten(service->limits));
}

static void put_log(struct exposition *out, struct service *service)
{
    struct logger *logger = &service->logger;
    put_one(out, "sandbox_log_lines_suppressed_total",
            "Log lines left out, since the same message came too often.", KIND_COUNTER,
            (double)atomic_load(&logger->limit.suppressed));
    put_one(out, "sandbox_log_lines_lost_total", "Log lines lost, since nobody read standard error.",
            KIND_COUNTER, (double)atomic_load(&logger->lost));
    put_one(out, "sandbox_plugin_log_lines_lost_total",
            "Lines of plugins' logs lost, since log.plugin_file could not be written.", KIND_COUNTER,
            (double)atomic_load(&service->plugin_log_lost));
}

static void put_build(struct exposition *out)
{
    struct buffer labels = buffer_make(256);
    exposition_label(&labels, "version", SANDBOXD_VERSION);
    exposition_label(&labels, "revision", sandboxd_revision);
    exposition_family(out, "sandbox_build_info", "Always 1; the labels tell what is running.", KIND_GAUGE);
    if (buffer_ok(&labels))
        exposition_sample(out, "sandbox_build_info", labels.data, 1);
    buffer_free(&labels);
}

static void put_process(struct exposition *out, int64_t started_unix_ms)
{
    struct process_figures figures;
    if (!process_read_figures(&figures))
        return;
    put_one(out, "process_cpu_seconds_total", "CPU time of sandboxd itself.", KIND_COUNTER,
            figures.cpu_seconds);
    put_one(out, "process_start_time_seconds", "Unix time at which sandboxd started.", KIND_GAUGE,
            (double)started_unix_ms / 1e3);
    put_one(out, "process_resident_memory_bytes", "Resident memory of sandboxd itself.", KIND_GAUGE,
            (double)figures.resident_bytes);
    put_one(out, "process_virtual_memory_bytes", "Address space of sandboxd itself.", KIND_GAUGE,
            (double)figures.virtual_bytes);
    put_one(out, "process_open_fds", "Open descriptors of sandboxd.", KIND_GAUGE, (double)figures.open_fds);
    put_one(out, "process_max_fds", "How many it may have.", KIND_GAUGE, (double)figures.max_fds);
}

static void put_registry(struct exposition *out, const struct registry *registry)
{
    struct registry_figures figures;
    registry_read_figures(registry, &figures);
    put_one(out, "sandbox_plugins", "Plugins in the registry.", KIND_GAUGE, (double)figures.plugins);
    put_one(out, "sandbox_plugin_versions", "Versions of all plugins.", KIND_GAUGE, (double)figures.versions);
    put_one(out, "sandbox_plugin_installs", "Plugins installed, of all tenants.", KIND_GAUGE,
            (double)figures.installs);
    put_one(out, "sandbox_plugin_cache_bytes", "Contents of plugins in memory.", KIND_GAUGE,
            (double)figures.cached_bytes);
    static const char name[] = "sandbox_plugin_cache_lookups_total";
    exposition_family(out, name, "Runs that found their plugin's content in memory, or not.", KIND_COUNTER);
    exposition_sample(out, name, "result=\"hit\"", (double)figures.hits);
    exposition_sample(out, name, "result=\"miss\"", (double)figures.misses);
}

void metrics_page_put(struct exposition *out, struct service *service)
{
    metrics_expose(service->metrics, out);
    put_engine(out, service->engine);
    put_isolation(out, service);
    put_health(out, service);
    put_store(out, service->store);
    put_registry(out, service->registry);
    put_exporter(out, service->exporter);
    put_cost(out, service);
    put_log(out, service);
    put_one(out, "sandbox_http_connections", "Open connections.", KIND_GAUGE,
            http_server_connections(service->http));
    put_build(out);
    put_process(out, service->started_unix_ms);
    exposition_end(out);
}

void metrics_get(void *app, struct http_request *request)
{
    struct service *service = app;
    const char *accept = http_header_value(request, "Accept");
    struct buffer body = buffer_make(16 << 20);
    struct exposition out = {.out = &body,
                             .openmetrics =
                                 accept != NULL && strstr(accept, "application/openmetrics-text") != NULL};
    metrics_page_put(&out, service);
    http_answer(request, 200,
                out.openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                : "text/plain; version=0.0.4; charset=utf-8",
                &body);
}
