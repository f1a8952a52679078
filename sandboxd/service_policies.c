// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_policies.h"

#include "sandboxd/observe/plugin_log.h"
#include "sandboxd/system/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void service_log_faults(struct service *service, const struct diagnostics *faults, const char *message)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct diagnostic *fault = &faults->items[i];
        const struct log_field fields[] = {LOG_TEXT("file", fault->file), LOG_INTEGER("line", fault->line),
                                           LOG_INTEGER("column", fault->column),
                                           LOG_TEXT("pointer", fault->pointer),
                                           LOG_TEXT("detail", fault->message)};
        // Who mends them needs each, however many there are.
        log_event(&service->logger, &(const struct log_site){.file = __FILE__, .every = true}, LOG_ERROR,
                  message, fields, sizeof fields / sizeof *fields);
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
    } else if (!config_read(service->argc, service->argv, service->environment, fresh, &request, &faults) ||
               !config_check(fresh, &faults)) {
        service_log_faults(service, &faults, "configuration not reloaded");
    } else {
        char rest[512];
        config_take_reloadable(&service->config, fresh, rest, sizeof(rest));
        struct error err = {0};
        log_levels_set(&service->logger.levels, service->config.log_level, service->config.log_modules, NULL);
        if (!plugin_log_reopen(service, &err))
            log_to(&service->logger, LOG_ERROR, "plugins' log not reopened: the old one goes on",
                   LOG_TEXT("detail", err.text));
        log_to(&service->logger, LOG_INFO, "configuration reloaded",
               LOG_TEXT("needs_restart", rest[0] != '\0' ? rest : NULL));
    }
    diagnostics_free(&faults);
    free(fresh);
}

void service_reload_config(struct service *service)
{
    notify_reloading();
    reload_config(service);
}

static void reload_policies(void *service_)
{
    struct service *service = service_;
    struct error err = {0};
    size_t count = 0;
    // From here on, another signal is another reload: this one may have read the folder already.
    atomic_store(&service->reload_waits, false);
    if (atomic_load(&service->state) == SERVICE_STOPPING)
        return;
    if (live_reload(service, &count, &err))
        log_to(&service->logger, LOG_INFO, "policies reloaded", LOG_INTEGER("count", count));
    else
        log_to(&service->logger, LOG_ERROR, "policies not reloaded: the old ones go on",
               LOG_TEXT("detail", err.text));
    if (!atomic_load(&service->reload_waits) && atomic_load(&service->state) == SERVICE_READY)
        notify_send("READY=1");
}

bool service_reload_policies(struct service *service)
{
    // One that waits will read what is there when its turn comes.
    if (atomic_exchange(&service->reload_waits, true))
        return true;
    if (background_add(service->changes, reload_policies, service))
        return true;
    atomic_store(&service->reload_waits, false);
    return false;
}
