// SPDX-License-Identifier: Apache-2.0
// Puts the parts together, keeps them going, and takes them apart in the order that leaves nobody hanging.
#include "sandboxd/service.h"

#include "base/clock.h"
#include "runtime/engine/lasting.h"
#include "runtime/engine/locations.h"
#include "sandboxd/api/authorize.h"
#include "sandboxd/api/idempotency.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/observe/plugin_log.h"
#include "sandboxd/observe/request_spans.h"
#include "sandboxd/observe/run_observation.h"
#include "sandboxd/service_accounts.h"
#include "sandboxd/service_health.h"
#include "sandboxd/service_listen.h"
#include "sandboxd/service_policies.h"
#include "sandboxd/service_stop.h"
#include "sandboxd/service_trace.h"
#include "sandboxd/system/notify.h"
#include "sandboxd/system/process.h"
#include "sandboxd/system/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TURN_MS = 1000, ZYGOTE_RUNS_MAX = 100000, ZYGOTE_AGE_MS_MAX = 3600000, GRACE_MS = 50 };
enum { CHANGES_MAX = 64, QUERIES_MAX = 256, PUBLISHING_MAX = 64 };

// What the engine tells, by its name for it.
static const struct {
    enum severity severity;
    const char *message;
} engine_events[ENGINE_EVENT_COUNT] = {
    [EVENT_ZYGOTE_STARTED] = {LOG_INFO, "zygote started"},
    [EVENT_ZYGOTE_RETIRED] = {LOG_INFO, "zygote retired"},
    [EVENT_ZYGOTE_DIED] = {LOG_ERROR, "zygote died"},
    [EVENT_ZYGOTE_REFUSED] = {LOG_ERROR, "zygote could not start"},
    [EVENT_WORKER_LOST] = {LOG_WARN, "idle worker lost"},
    [EVENT_CORES_SHARED] = {LOG_WARN, "no core is kept from runs that last"},
    [EVENT_NOTES_LOST] = {LOG_WARN, "events not told"},
    [EVENT_WORKERS_ASKED] = {LOG_DEBUG, "workers asked for"},
    [EVENT_WORKER_KILLED] = {LOG_DEBUG, "worker killed"},
    [EVENT_WORKER_ENDED] = {LOG_TRACE, "worker ended"},
    [EVENT_RUN_WAITS] = {LOG_TRACE, "run waits"},
    [EVENT_RUN_STARTED] = {LOG_TRACE, "run started"},
};

static const struct log_site engine_site = {.module = "engine"};

static bool wants_engine_event(void *service, enum engine_event event)
{
    return log_wanted(&((struct service *)service)->logger, &engine_site, engine_events[event].severity);
}

static void on_engine_event(void *service, const struct engine_note *note)
{
    const struct log_field fields[] = {LOG_TEXT("policy", note->policy[0] ? note->policy : NULL),
                                       LOG_TEXT("run_id", note->run_id[0] ? note->run_id : NULL),
                                       LOG_TEXT("detail", note->text)};
    log_event(&((struct service *)service)->logger, &engine_site, engine_events[note->event].severity,
              engine_events[note->event].message, fields, sizeof fields / sizeof *fields);
}

static void *serve_engine(void *service_)
{
    struct service *service = service_;
    engine_serve(service->engine);
    return NULL;
}

// However much one tenant floods, some workers are left to the others.
static uint32_t tenant_running_max(const struct config *config)
{
    uint32_t all = (uint32_t)config->max_running;
    return config->auth == AUTH_OFF || all < 2 ? 0 : all - (all + 3) / 4;
}

static bool start_engine(struct service *service, struct error *err)
{
    char zygote[PATH_MAX];
    if (!location_of_zygote(zygote, err))
        return false;
    struct engine_options options = {.zygote_path = zygote,
                                     .max_running = (uint32_t)service->config.max_running,
                                     .queue_capacity = (uint32_t)service->config.queue,
                                     .memory_budget_bytes = service->config.memory_budget_bytes,
                                     .zygote_runs_max = ZYGOTE_RUNS_MAX,
                                     .zygote_age_ms_max = ZYGOTE_AGE_MS_MAX,
                                     .try_interpreter = true,
                                     .grace_ms = GRACE_MS,
                                     .lasting_give_way = true,
                                     .kept_cores = lasting_kept_cores(process_cores()),
                                     .tenant_running_max = tenant_running_max(&service->config),
                                     .event = on_engine_event,
                                     .wants = wants_engine_event,
                                     .event_context = service};
    service->engine = engine_new(&options, err);
    if (service->engine == NULL)
        return false;
    int failed = pthread_create(&service->engine_thread, NULL, serve_engine, service);
    if (failed != 0) {
        engine_free(service->engine);
        service->engine = NULL;
        return error_system(err, failed, "cannot start the engine's thread");
    }
    pthread_setname_np(service->engine_thread, "engine");
    return true;
}

static void on_finished(void *app, const struct http_request *request, unsigned status, uint64_t duration_ns)
{
    request_observe(app, request, status, duration_ns);
}

static bool begin(void *app, struct http_request *request)
{
    return authorize_still(app, request) && idempotency_begin(app, request);
}

static bool start_http(struct service *service, struct error *err)
{
    struct http_endpoint endpoints[LISTENERS_MAX];
    unsigned count = 0;
    struct http_options options = {.routes = {.items = api_routes, .count = api_route_count},
                                   .max_connections = (unsigned)service->config.http_max_connections,
                                   .idle_timeout_ms = (uint32_t)service->config.http_idle_timeout_ms,
                                   .max_body_bytes = service->config.http_max_body_bytes,
                                   .local_origins_only = service->config.auth == AUTH_OFF,
                                   .propagates_traces = service->tracing.propagate,
                                   .logger = &service->logger,
                                   .app = service,
                                   .authorize = authorize_request,
                                   .begin = begin,
                                   .keep = idempotency_keep,
                                   .drop = idempotency_drop,
                                   .keeps_trace = request_trace_kept,
                                   .finished = on_finished,
                                   .departed = runs_departed};
    service->http = http_server_new(&options, err);
    if (service->http == NULL || !service_start_health(service, err) ||
        !service_open_endpoints(&service->config, endpoints, &count, err) ||
        !http_server_listen(service->http, endpoints, count, err))
        return false;
    atomic_store(&service->state, SERVICE_READY);
    for (unsigned i = 0; i < count; i++)
        log_to(&service->logger, LOG_INFO, "listening", LOG_TEXT("address", endpoints[i].name));
    return true;
}

static void on_store_trouble(void *context, const char *text)
{
    struct service *service = context;
    log_to(&service->logger, LOG_ERROR, "run history is incomplete", LOG_TEXT("detail", text));
}

static bool start_store(struct service *service, struct error *err)
{
    struct store_options options = {.state_dir = service->config.state_dir,
                                    .runs_max = service->config.history_max_runs,
                                    .run_age_days_max = service->config.history_max_age_days,
                                    .audit_age_days_max = service->config.history_audit_max_age_days,
                                    .trouble = on_store_trouble,
                                    .trouble_context = service,
                                    .logger = &service->logger};
    service->store = store_open(&options, err);
    if (service->store == NULL)
        return false;
    uint64_t recovered;
    if (store_was_interrupted(service->store, &recovered) || recovered > 0)
        log_to(&service->logger, LOG_WARN, "the last stop was not in good order",
               LOG_INTEGER("runs_recovered", (int64_t)recovered));
    service->changes = background_new("changes", CHANGES_MAX, err);
    service->queries = service->changes != NULL ? background_new("queries", QUERIES_MAX, err) : NULL;
    service->publishing = service->queries != NULL ? background_new("publishing", PUBLISHING_MAX, err) : NULL;
    return service->publishing != NULL;
}

static bool start_registry(struct service *service, struct error *err)
{
    service->registry = registry_open(service->store, service->config.plugin_cache_bytes, err);
    return service->registry != NULL;
}

static bool start(struct service *service, struct error *err)
{
    service->started_unix_ms = clock_unix_ms();
    pthread_mutex_init(&service->policies_lock, NULL);
    pthread_mutex_init(&service->isolation_lock, NULL);
    process_raise_descriptor_limit();
    service->metrics = metrics_new(err);
    service->runs = service->metrics != NULL ? run_registry_new(err) : NULL;
    if (!plugin_log_open(service, err) || !service_start_tracing(service, err))
        return false;
    // HTTP last: a request never meets a service that is half there.
    if (service->runs == NULL || !live_init(service, err) || !start_store(service, err) ||
        !service_start_accounts(service, err) || !start_registry(service, err) ||
        !start_engine(service, err) || !live_start(service, err) || !start_http(service, err))
        return false;
    notify_send("READY=1\nSTATUS=serving");
    return true;
}

static void keep_going(struct service *service, int signals_fd)
{
    uint32_t watchdog_ms = notify_watchdog_ms();
    uint32_t turn_ms = watchdog_ms > 0 && watchdog_ms < TURN_MS ? watchdog_ms : TURN_MS;
    bool reload_wanted = false;
    for (;;) {
        switch (signals_wait(signals_fd, turn_ms)) {
        case SIGNAL_STOP:
            return;
        case SIGNAL_RELOAD:
            service_reload_config(service);
            reload_wanted = true;
            break;
        case SIGNAL_NONE:
            break;
        }
        if (reload_wanted)
            reload_wanted = !service_reload_policies(service);
        service_keep_accounts(service);
        log_tell_suppressed(&service->logger, false);
        if (watchdog_ms > 0) {
            engine_touch(service->engine);
            notify_send("WATCHDOG=1");
        }
    }
}

int service_main(struct service *service)
{
    struct error err = {0};
    int signals_fd = signals_open(&err);
    bool started = signals_fd >= 0 && start(service, &err);
    if (started)
        keep_going(service, signals_fd);
    else
        log_to(&service->logger, LOG_FATAL, "cannot start", LOG_TEXT("detail", err.text));
    bool clean = service_stop(service, signals_fd);
    log_tell_suppressed(&service->logger, true);
    if (started && clean)
        log_to(&service->logger, LOG_INFO, "stopped",
               LOG_DOUBLE("uptime_s", (double)(clock_unix_ms() - service->started_unix_ms) / 1000));
    if (signals_fd >= 0)
        close(signals_fd);
    return started && clean ? EXIT_SUCCESS : EXIT_FAILURE;
}
