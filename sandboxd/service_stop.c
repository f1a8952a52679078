// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_stop.h"

#include "base/clock.h"
#include "sandboxd/observe/plugin_log.h"
#include "sandboxd/service_accounts.h"
#include "sandboxd/system/notify.h"
#include "sandboxd/system/signals.h"

#include <stdio.h>
#include <stdlib.h>

enum { SLICE_MS = 50, CANCEL_MS = 10000, ANSWER_MS = 2000, FLUSH_MS = 3000 };

// Until no request is open, the time is up, or a signal comes. True if none is open.
static bool drain(struct service *service, uint64_t timeout_ms, int signals_fd)
{
    uint64_t end_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    while (http_server_requests(service->http) > 0 && clock_monotonic_ns() < end_ns) {
        if (http_server_drain(service->http, SLICE_MS))
            return true;
        notify_send("WATCHDOG=1");
        if (signals_fd >= 0 && signals_wait(signals_fd, 0) == SIGNAL_STOP)
            return false;
    }
    return http_server_requests(service->http) == 0;
}

static bool stop_http(struct service *service, int signals_fd)
{
    char state[96];
    snprintf(state, sizeof(state), "STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu",
             (unsigned long long)(service->config.stop_timeout_ms + CANCEL_MS + ANSWER_MS + FLUSH_MS) * 1000);
    notify_send(state);
    log_to(&service->logger, LOG_INFO, "stopping", LOG_INTEGER("runs", run_registry_count(service->runs)));
    http_server_refuse_new(service->http);
    engine_refuse_new(service->engine);
    if (!drain(service, service->config.stop_timeout_ms, signals_fd) &&
        run_registry_count(service->runs) > 0) {
        log_to(&service->logger, LOG_WARN, "cancelling runs",
               LOG_INTEGER("runs", run_registry_count(service->runs)));
        engine_cancel_all(service->engine);
        uint64_t end_ns = clock_monotonic_ns() + CANCEL_MS * NS_PER_MS;
        while (run_registry_count(service->runs) > 0 && clock_monotonic_ns() < end_ns)
            drain(service, SLICE_MS, -1);
    }
    if (run_registry_count(service->runs) > 0) {
        // A suspended connection must not be closed under the library, so nothing can be freed any more.
        log_to(&service->logger, LOG_ERROR, "runs do not end; leaving without them",
               LOG_INTEGER("runs", run_registry_count(service->runs)));
        return false;
    }
    // Requests that wait for these are suspended: they have to be answered first.
    background_finish(service->publishing);
    background_finish(service->changes);
    background_finish(service->queries);
    replies_finish(service->replies); // what these answered last
    drain(service, ANSWER_MS, -1);
    if (http_server_suspended(service->http) > 0) {
        log_to(&service->logger, LOG_ERROR, "requests do not end; leaving without them",
               LOG_INTEGER("requests", http_server_suspended(service->http)));
        return false;
    }
    if (!health_checks_stop(service->health)) {
        log_to(&service->logger, LOG_ERROR, "a health check does not end; leaving without it");
        return false;
    }
    http_server_stop(service->http);
    return true;
}

bool service_stop(struct service *service, int signals_fd)
{
    atomic_store(&service->state, SERVICE_STOPPING);
    if (service->http != NULL && !stop_http(service, signals_fd))
        return false;
    if (service->engine != NULL) {
        engine_stop(service->engine);
        pthread_join(service->engine_thread, NULL);
        engine_free(service->engine);
    }
    background_free(service->publishing);
    background_free(service->changes);
    background_free(service->queries);
    health_checks_free(service->health);
    live_free(service);
    service_stop_accounts(service);
    plugin_log_close(service);
    registry_close(service->registry);
    exporter_free(service->exporter, FLUSH_MS);
    store_close(service->store); // the last runs are recorded by the engine's end
    run_registry_free(service->runs);
    metrics_free(service->metrics);
    return true;
}
