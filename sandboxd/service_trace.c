// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_trace.h"

static void on_lost(void *context, const char *text)
{
    struct service *service = context;
    log_to(&service->logger, LOG_WARN, "spans are lost", LOG_TEXT("endpoint", service->tracing.endpoint),
           LOG_TEXT("detail", text));
}

static void on_recovered(void *context)
{
    struct service *service = context;
    log_to(&service->logger, LOG_INFO, "spans are exported again",
           LOG_TEXT("endpoint", service->tracing.endpoint));
}

bool service_start_tracing(struct service *service, struct error *err)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    trace_settings_read(service->environment, &service->tracing, &faults);
    for (size_t i = 0; i < faults.count; i++)
        log_to(&service->logger, LOG_WARN, "environment variable not taken",
               LOG_TEXT("name", faults.items[i].file), LOG_TEXT("detail", faults.items[i].message));
    diagnostics_free(&faults);
    if (!service->tracing.enabled)
        return true;
    const struct exporter_hooks hooks = {
        .lost = on_lost, .recovered = on_recovered, .context = service, .logger = &service->logger};
    service->exporter = exporter_new(&service->tracing, &hooks, err);
    if (service->exporter != NULL)
        log_to(&service->logger, LOG_INFO, "tracing", LOG_TEXT("endpoint", service->tracing.endpoint));
    return service->exporter != NULL;
}
