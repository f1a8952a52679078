// SPDX-License-Identifier: Apache-2.0
// /livez, /readyz and /v1/health. The probes read one variable; the report reads figures that are kept
// anyway.
#include "base/clock.h"
#include "base/json_write.h"
#include "sandboxd/api/isolation.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/version.h"

#include <stdio.h>
#include <string.h>

enum health { HEALTH_PASS, HEALTH_WARN, HEALTH_FAIL };
static const char *const health_names[] = {"pass", "warn", "fail"};
static const char *const health_words[] = {"healthy", "degraded", "unhealthy"};

struct report {
    struct service *service;
    struct buffer *out;
    enum health overall;
    char time[CLOCK_TEXT_SIZE];
    unsigned checks;
};

void health_live(void *app, struct http_request *request)
{
    (void)app;
    http_answer_static(request, 200, "text/plain; charset=utf-8", bytes_of_text("ok\n"));
}

void health_ready(void *app, struct http_request *request)
{
    static const char *const words[] = {
        [SERVICE_STARTING] = "starting\n", [SERVICE_READY] = "ready\n", [SERVICE_STOPPING] = "stopping\n"};
    struct service *service = app;
    int state = atomic_load(&service->state);
    http_answer_static(request, state == SERVICE_READY ? 200 : 503, "text/plain; charset=utf-8",
                       bytes_of_text(words[state]));
}

static void put_member(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    json_put_text(out, text);
}

static void put_check(struct report *report, const char *component, const char *measurement, const char *type,
                      uint64_t value, const char *unit, enum health health, const char *output)
{
    struct buffer *out = report->out;
    if (report->checks++ > 0)
        buffer_append_byte(out, ',');
    char key[160];
    snprintf(key, sizeof(key), "%s:%s", component, measurement);
    json_put_text(out, key);
    buffer_append_text(out, ":[{");
    put_member(out, "componentType", type);
    json_put_name(out, "observedValue");
    json_put_unsigned(out, value);
    put_member(out, "observedUnit", unit);
    put_member(out, "status", health_names[health]);
    put_member(out, "time", report->time);
    if (output != NULL && output[0] != '\0')
        put_member(out, "output", output);
    buffer_append_text(out, "}]");
    if (health > report->overall)
        report->overall = health;
}

static void check_engine(struct report *report)
{
    const struct config *config = &report->service->config;
    struct engine_figures figures;
    engine_read_figures(report->service->engine, &figures);
    bool full = config->queue > 0 && figures.queued >= config->queue;
    put_check(report, "engine", "running", "component", figures.running, "runs", HEALTH_PASS, NULL);
    put_check(report, "engine", "queued", "component", figures.queued, "runs",
              full ? HEALTH_WARN : HEALTH_PASS, full ? "the queue is full: new runs are answered 503" : NULL);
    put_check(report, "engine", "idle_workers", "component", figures.idle_workers, "processes", HEALTH_PASS,
              NULL);
    put_check(report, "engine", "promised_memory", "component", figures.promised_memory_bytes, "bytes",
              HEALTH_PASS, NULL);
    put_check(report, "engine", "zygote_restarts", "component", figures.zygote_restarts, "restarts",
              HEALTH_PASS, NULL);
}

// A policy that is down is a warning; all of them, a failure.
static void check_policies(struct report *report)
{
    struct service *service = report->service;
    size_t down = 0;
    pthread_mutex_lock(&service->policies_lock);
    size_t count = policy_set_count(service->policies);
    for (size_t i = 0; i < count; i++) {
        const char *name = policy_set_at(service->policies, i)->name;
        char problem[ERROR_TEXT_SIZE] = "";
        bool is_down = live_problem(service, name, problem, sizeof(problem));
        down += is_down;
        put_check(report, "policy", name, "component", is_down ? 0 : 1, "boolean",
                  is_down ? HEALTH_WARN : HEALTH_PASS, problem);
    }
    pthread_mutex_unlock(&service->policies_lock);
    if (down == count)
        report->overall = HEALTH_FAIL;
}

// History that is incomplete is a warning: runs go on without it.
static void check_store(struct report *report)
{
    struct store_figures figures;
    store_read_figures(report->service->store, &figures);
    put_check(report, "store", "history_dropped", "datastore",
              figures.dropped_queue_full + figures.dropped_store_failed, "runs",
              figures.failing ? HEALTH_WARN : HEALTH_PASS,
              figures.failing ? "the last runs could not be written to the history; the log says why" : NULL);
    put_check(report, "store", "history_queue", "datastore", figures.queued, "runs", HEALTH_PASS, NULL);
}

static void check_http(struct report *report)
{
    struct service *service = report->service;
    unsigned connections = http_server_connections(service->http);
    bool full = connections >= service->config.http_max_connections;
    put_check(report, "http", "connections", "component", connections, "connections",
              full ? HEALTH_WARN : HEALTH_PASS, full ? "new connections are answered 503" : NULL);
    if (atomic_load(&service->state) != SERVICE_READY)
        report->overall = HEALTH_FAIL;
}

static void put_isolation(struct report *report, const struct isolation_report *isolation)
{
    struct buffer *out = report->out;
    json_put_name(out, "isolation");
    buffer_append_byte(out, '[');
    for (unsigned i = 0; isolation != NULL && i < ISOLATION_LAYER_COUNT; i++) {
        const struct layer_report *layer = &isolation->layer[i];
        buffer_append_text(out, i > 0 ? ",{" : "{");
        put_member(out, "layer", isolation_layer_name((enum isolation_layer)i));
        put_member(out, "state", layer_state_name(layer->state));
        if (layer->state != LAYER_ACTIVE)
            put_member(out, "reason", layer->reason);
        put_member(out, "purpose", isolation_layer_purpose((enum isolation_layer)i));
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}

static void check_isolation(struct report *report, const struct isolation_report *isolation)
{
    uint64_t active = 0;
    char lacking[512] = "";
    for (unsigned i = 0; isolation != NULL && i < ISOLATION_LAYER_COUNT; i++) {
        active += isolation->layer[i].state == LAYER_ACTIVE;
        if (!isolation_layer_lacks(isolation, (enum isolation_layer)i))
            continue;
        size_t length = strlen(lacking);
        snprintf(lacking + length, sizeof(lacking) - length, "%s%s is %s", length > 0 ? ", " : "",
                 isolation_layer_name((enum isolation_layer)i), layer_state_name(isolation->layer[i].state));
    }
    put_check(report, "isolation", "active_layers", "system", active, "layers",
              isolation == NULL    ? HEALTH_FAIL
              : lacking[0] != '\0' ? HEALTH_WARN
                                   : HEALTH_PASS,
              lacking);
}

void health_report(void *app, struct http_request *request)
{
    struct service *service = app;
    struct buffer checks = buffer_make(1 << 20), body = buffer_make(1 << 20);
    struct report report = {.service = service, .out = &checks};
    clock_format_rfc3339(clock_unix_ms(), report.time);
    struct isolation_report isolation;
    const struct isolation_report *found = isolation_overall(service, &isolation) ? &isolation : NULL;
    json_put_name(&checks, "checks");
    buffer_append_byte(&checks, '{');
    check_engine(&report);
    check_policies(&report);
    check_store(&report);
    check_http(&report);
    check_isolation(&report, found);
    buffer_append_byte(&checks, '}');
    put_isolation(&report, found);
    buffer_append_byte(&body, '{');
    put_member(&body, "status", health_names[report.overall]);
    put_member(&body, "health", health_words[report.overall]);
    put_member(&body, "version", SANDBOXD_VERSION);
    put_member(&body, "serviceId", "sandboxd");
    put_member(&body, "time", report.time);
    buffer_append_byte(&body, ',');
    if (buffer_ok(&checks))
        buffer_append(&body, checks.data, checks.length);
    else
        body.failed = true;
    buffer_append_byte(&body, '}');
    buffer_free(&checks);
    http_answer(request, report.overall == HEALTH_FAIL ? 503 : 200, "application/health+json", &body);
}
