// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_policies.h"

#include "sandboxd/system/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void service_log_faults(struct service *service, const struct diagnostics *faults, const char *message)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct diagnostic *fault = &faults->items[i];
        log_to(&service->logger, LOG_ERROR, message, LOG_TEXT("file", fault->file),
               LOG_INTEGER("line", fault->line), LOG_INTEGER("column", fault->column),
               LOG_TEXT("pointer", fault->pointer), LOG_TEXT("detail", fault->message));
    }
}

static void reload_config(struct service *service)
{
    struct config *fresh = calloc(1, sizeof(*fresh));
    struct config_request request;
    struct diagnostics faults;
    diagnostics_init(&faults);
    if (fresh == NULL) {
        log_to(&service->logger, LOG_ERROR, "configuration not reloaded", LOG_TEXT("detail", "no memory"));
    } else if (!config_read(service->argc, service->argv, service->environment, fresh, &request, &faults)) {
        service_log_faults(service, &faults, "configuration not reloaded");
    } else {
        char rest[512];
        config_take_reloadable(&service->config, fresh, rest, sizeof(rest));
        atomic_store(&service->logger.minimum, service->config.log_level);
        log_to(&service->logger, LOG_INFO, "configuration reloaded",
               LOG_TEXT("needs_restart", rest[0] != '\0' ? rest : NULL));
    }
    diagnostics_free(&faults);
    free(fresh);
}

void service_reload(struct service *service)
{
    notify_reloading();
    reload_config(service);
    struct error err = {0};
    if (live_reload(service, &err))
        log_to(&service->logger, LOG_INFO, "policies reloaded",
               LOG_INTEGER("count", policy_set_count(service->policies)));
    else
        log_to(&service->logger, LOG_ERROR, "policies not reloaded: the old ones go on",
               LOG_TEXT("detail", err.text));
    notify_send("READY=1");
}
