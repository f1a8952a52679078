// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_policies.h"

#include "base/cleanup.h"
#include "sandboxd/system/notify.h"

#include <stdlib.h>
#include <string.h>

enum { ZYGOTE_START_MS = 15000 };

void service_log_faults(struct service *service, const struct diagnostics *faults, const char *message)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct diagnostic *fault = &faults->items[i];
        log_to(&service->logger, LOG_ERROR, message, LOG_TEXT("file", fault->file),
               LOG_INTEGER("line", fault->line), LOG_INTEGER("column", fault->column),
               LOG_TEXT("pointer", fault->pointer), LOG_TEXT("detail", fault->message));
    }
}

static struct policy_set *read_policies(struct service *service, struct error *err)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct policy_set *set = policy_set_load(service->config.policy_dir, &faults, err);
    service_log_faults(service, &faults, "fault in a policy");
    if (set == NULL && diagnostics_any(&faults))
        error_set(err, ERROR_INVALID, "the policies in %s have faults, logged one by one",
                  service->config.policy_dir);
    diagnostics_free(&faults);
    if (set != NULL && policy_set_count(set) == 0) {
        error_set(err, ERROR_NOT_FOUND, "there is no policy in %s", service->config.policy_dir);
        policy_set_free(set);
        return NULL;
    }
    return set;
}

bool service_start_policies(struct service *service, struct error *err)
{
    service->policies = read_policies(service, err);
    if (service->policies == NULL)
        return false;
    size_t up = 0;
    struct error last = {0};
    for (size_t i = 0; i < policy_set_count(service->policies); i++) {
        struct policy *policy = policy_set_at(service->policies, i);
        if (engine_set_policy(service->engine, policy, ZYGOTE_START_MS, &last)) {
            up++;
            continue;
        }
        log_to(&service->logger, LOG_ERROR, "policy cannot run on this host",
               LOG_TEXT("policy", policy->name), LOG_TEXT("detail", last.text));
    }
    if (up == 0)
        return error_set(err, last.kind, "no policy can run on this host; the last said: %.300s", last.text);
    metrics_add(service->metrics, METRIC_POLICY_RELOADS, 1, "ok", NULL, NULL);
    return true;
}

bool service_load_policies(struct service *service, struct error *err)
{
    struct policy_set *set = read_policies(service, err);
    bool swapped = false;
    if (set != NULL) {
        size_t count = policy_set_count(set);
        autofree struct policy **policies = calloc(count, sizeof(struct policy *));
        for (size_t i = 0; policies != NULL && i < count; i++)
            policies[i] = policy_set_at(set, i);
        pthread_mutex_lock(&service->policies_lock);
        if (policies == NULL)
            error_set(err, ERROR_MEMORY, "no memory for the policies");
        else
            swapped = engine_set_policies(service->engine, policies, count, ZYGOTE_START_MS, err);
        if (swapped) {
            struct policy_set *old = service->policies;
            service->policies = set;
            set = old;
        }
        pthread_mutex_unlock(&service->policies_lock);
    }
    policy_set_free(set);
    metrics_add(service->metrics, METRIC_POLICY_RELOADS, 1, swapped ? "ok" : "failed", NULL, NULL);
    return swapped;
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
    if (service_load_policies(service, &err))
        log_to(&service->logger, LOG_INFO, "policies reloaded",
               LOG_INTEGER("count", policy_set_count(service->policies)));
    else
        log_to(&service->logger, LOG_ERROR, "policies not reloaded: the old ones go on",
               LOG_TEXT("detail", err.text));
    notify_send("READY=1");
}
