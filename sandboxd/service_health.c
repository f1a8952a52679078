// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_health.h"

#include "base/clock.h"
#include "sandboxd/api/isolation.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#define MIB (UINT64_C(1) << 20)

enum { DEADLINE_MS = 2000, DISK_LOW_PERCENT = 10 };

// Below both of these, the part above and this, a disk is said to run full: either alone is normal for a very
// small or a very large one.
#define DISK_LOW_BYTES (1024 * MIB)

struct figure {
    const char *component, *measurement, *type, *unit;
    uint64_t value;
    bool certain; // one look is enough
};

static void find(struct health_look *look, struct figure figure, enum health health, const char *output)
{
    struct health_finding finding = {.type = figure.type,
                                     .unit = figure.unit,
                                     .value = figure.value,
                                     .certain = figure.certain,
                                     .health = health};
    snprintf(finding.component, sizeof finding.component, "%s", figure.component);
    snprintf(finding.measurement, sizeof finding.measurement, "%s", figure.measurement);
    if (health != HEALTH_PASS)
        snprintf(finding.output, sizeof finding.output, "%s", output);
    health_find(look, &finding);
}

static void look_at_figures(struct service *service, struct health_look *look)
{
    const struct config *config = &service->config;
    struct engine_figures figures;
    engine_read_figures(service->engine, &figures);
    bool full = config->queue > 0 && figures.queued >= config->queue;
    find(look, (struct figure){"engine", "running", "component", "runs", figures.running}, HEALTH_PASS, "");
    find(look, (struct figure){"engine", "queued", "component", "runs", figures.queued},
         full ? HEALTH_WARN : HEALTH_PASS, "the queue is full: new runs are answered 503");
    find(look, (struct figure){"engine", "idle_workers", "component", "processes", figures.idle_workers},
         HEALTH_PASS, "");
    find(look,
         (struct figure){"engine", "promised_memory", "component", "bytes", figures.promised_memory_bytes},
         HEALTH_PASS, "");
    find(look, (struct figure){"engine", "zygote_restarts", "component", "restarts", figures.zygote_restarts},
         HEALTH_PASS, "");
    unsigned connections = http_server_connections(service->http);
    find(look, (struct figure){"http", "connections", "component", "connections", connections},
         connections >= config->http_max_connections ? HEALTH_WARN : HEALTH_PASS,
         "new connections are answered 503");
}

// A policy that is down is a warning; all of them, a failure.
static void look_at_zygotes(struct service *service, struct health_look *look)
{
    size_t live = 0;
    pthread_mutex_lock(&service->policies_lock);
    size_t count = policy_set_count(service->policies);
    for (size_t i = 0; i < count; i++) {
        const char *name = policy_set_at(service->policies, i)->name;
        char problem[ERROR_TEXT_SIZE] = "";
        bool is_down = live_problem(service, name, problem, sizeof problem);
        live += !is_down;
        find(look, (struct figure){"policy", name, "component", "boolean", !is_down},
             is_down ? HEALTH_WARN : HEALTH_PASS, problem);
    }
    pthread_mutex_unlock(&service->policies_lock);
    find(look, (struct figure){"engine", "zygotes", "component", "policies", live},
         live == 0 ? HEALTH_FAIL : HEALTH_PASS, "no policy can run: every run is answered 503");
}

// What runs is not what the files say.
static void look_at_reload(struct service *service, struct health_look *look)
{
    char problem[ERROR_TEXT_SIZE];
    pthread_mutex_lock(&service->live.lock);
    snprintf(problem, sizeof problem, "%s", service->live.reload_problem);
    pthread_mutex_unlock(&service->live.lock);
    bool good = problem[0] == '\0';
    char output[ERROR_TEXT_SIZE + 64];
    snprintf(output, sizeof output, "the old policies go on, the last reload failed: %s", problem);
    find(look, (struct figure){"policies", "reload", "component", "boolean", good, .certain = true},
         good ? HEALTH_PASS : HEALTH_WARN, output);
}

static void look_at_layers(struct service *service, struct health_look *look)
{
    struct isolation_report isolation;
    struct health_finding finding = {.component = "isolation",
                                     .measurement = "active_layers",
                                     .type = "system",
                                     .unit = "layers",
                                     .certain = true};
    bool known = isolation_overall(service, &isolation);
    pthread_mutex_lock(&service->isolation_lock);
    service->isolation_known = known;
    if (known)
        service->isolation = isolation;
    pthread_mutex_unlock(&service->isolation_lock);
    // Without any policy that is live, look_at_zygotes says so.
    if (!known)
        return;
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        enum isolation_layer layer = (enum isolation_layer)i;
        finding.value += isolation.layer[i].state == LAYER_ACTIVE;
        if (!isolation_layer_lacks(&isolation, layer))
            continue;
        size_t length = strlen(finding.output);
        finding.health = HEALTH_WARN;
        snprintf(finding.output + length, sizeof finding.output - length, "%s%s is %s",
                 length > 0 ? ", " : "", isolation_layer_name(layer),
                 layer_state_name(isolation.layer[i].state));
    }
    health_find(look, &finding);
}

// Spans that are lost are a warning too. Without an exporter there is nothing to look at.
static void look_at_exporter(const struct service *service, struct health_look *look)
{
    struct exporter_figures figures;
    if (service->exporter == NULL)
        return;
    exporter_read_figures(service->exporter, &figures);
    find(look, (struct figure){"exporter", "queued", "component", "spans", figures.queued}, HEALTH_PASS, "");
    find(look,
         (struct figure){"exporter", "dropped", "component", "spans",
                         figures.dropped_queue_full + figures.dropped_rejected + figures.dropped_failed},
         figures.failing || figures.queue_full ? HEALTH_WARN : HEALTH_PASS,
         figures.failing ? "the collector does not take the traces; the log says why"
                         : "more spans come than the collector takes: the queue was full in the last minute "
                           "(OTEL_BSP_MAX_QUEUE_SIZE)");
}

static void look_at_engine(void *service, struct health_look *look)
{
    look_at_figures(service, look);
    look_at_exporter(service, look);
    look_at_zygotes(service, look);
    look_at_reload(service, look);
    look_at_layers(service, look);
}

bool service_isolation_seen(struct service *service, struct isolation_report *ret_report)
{
    pthread_mutex_lock(&service->isolation_lock);
    bool known = service->isolation_known;
    *ret_report = service->isolation;
    pthread_mutex_unlock(&service->isolation_lock);
    return known;
}

// History that is incomplete is a warning: runs go on without it.
static void look_at_store(void *service_, struct health_look *look)
{
    struct service *service = service_;
    struct store_figures figures;
    struct error err = {0};
    uint64_t begun_ns = clock_monotonic_ns();
    bool readable = store_can_read(service->store, &err);
    uint64_t took_ms = (clock_monotonic_ns() - begun_ns) / NS_PER_MS;
    store_read_figures(service->store, &figures);
    find(look,
         (struct figure){"store", "history_dropped", "datastore", "runs",
                         figures.dropped_queue_full + figures.dropped_store_failed},
         figures.failing ? HEALTH_WARN : HEALTH_PASS,
         "runs cannot be written to the history, and wait; the log says why");
    find(look, (struct figure){"store", "history_queue", "datastore", "runs", figures.queued}, HEALTH_PASS,
         "");
    find(look, (struct figure){"store", "read", "datastore", "ms", took_ms},
         readable ? HEALTH_PASS : HEALTH_WARN, err.text);
}

static void look_at_disk(void *service_, struct health_look *look)
{
    const struct service *service = service_;
    struct statvfs disk;
    char output[HEALTH_OUTPUT_SIZE];
    struct figure figure = {"disk", "available", "system", "bytes", 0};
    if (statvfs(service->config.state_dir, &disk) != 0) {
        snprintf(output, sizeof output, "%.300s: %s", service->config.state_dir, strerror(errno));
        find(look, figure, HEALTH_WARN, output);
        return;
    }
    uint64_t size = (uint64_t)disk.f_blocks * disk.f_frsize;
    figure.value = (uint64_t)disk.f_bavail * disk.f_frsize;
    bool low = figure.value < DISK_LOW_BYTES && figure.value < size / 100 * DISK_LOW_PERCENT;
    // Where a file system counts no inodes, it has no end of them.
    bool no_inodes = disk.f_files > 0 && disk.f_favail == 0;
    snprintf(output, sizeof output,
             no_inodes ? "%.300s: no file can be made: the disk has no inodes left"
                       : "%.300s: the disk runs full; history and changes of policies will not be kept",
             service->config.state_dir);
    find(look, figure, low || no_inodes ? HEALTH_WARN : HEALTH_PASS, output);
}

// What the disk holds is history and changes: without it runs go on, so it degrades and does not fail.
static const struct health_check checks[] = {
    {"engine", HEALTH_FAIL, DEADLINE_MS, look_at_engine},
    {"store", HEALTH_WARN, DEADLINE_MS, look_at_store},
    {"disk", HEALTH_WARN, DEADLINE_MS, look_at_disk},
};

static void on_changed(void *context, const struct health_result *result)
{
    static const enum severity severities[] = {
        [HEALTH_PASS] = LOG_INFO, [HEALTH_WARN] = LOG_WARN, [HEALTH_FAIL] = LOG_ERROR};
    static const char *const messages[] = {[HEALTH_PASS] = "health check is well again",
                                           [HEALTH_WARN] = "health check warns",
                                           [HEALTH_FAIL] = "health check fails"};
    struct service *service = context;
    log_to(&service->logger, severities[result->health], messages[result->health],
           LOG_TEXT("component", result->finding.component),
           LOG_TEXT("measurement", result->finding.measurement), LOG_TEXT("detail", result->finding.output));
}

bool service_start_health(struct service *service, struct error *err)
{
    const struct health_options options = {.checks = checks,
                                           .check_count = sizeof checks / sizeof *checks,
                                           .interval_ms = (uint32_t)service->config.health_interval_ms,
                                           .context = service,
                                           .changed = on_changed};
    service->health = health_checks_new(&options, err);
    return service->health != NULL;
}
