// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_policies.h"

#include "base/cleanup.h"
#include "sandboxd/system/notify.h"

#include <stdio.h>
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

static const struct policy_down *find_down(const struct service *service, const char *name)
{
    for (size_t i = 0; i < service->down_count; i++)
        if (strcmp(service->down[i].name, name) == 0)
            return &service->down[i];
    return NULL;
}

bool service_policy_problem(struct service *service, const char *name, char *text, size_t size)
{
    const struct policy_down *down = find_down(service, name);
    if (down != NULL)
        snprintf(text, size, "%s", down->problem);
    return down != NULL || engine_policy_problem(service->engine, name, text, size);
}

static void add_down(struct service *service, const struct policy *policy, const char *problem)
{
    struct policy_down *down = &service->down[service->down_count++];
    snprintf(down->name, sizeof(down->name), "%s", policy->name);
    snprintf(down->problem, sizeof(down->problem), "%s", problem);
    log_to(&service->logger, LOG_ERROR, "policy cannot run on this host", LOG_TEXT("policy", policy->name),
           LOG_TEXT("detail", problem));
}

bool service_start_policies(struct service *service, struct error *err)
{
    service->policies = read_policies(service, err);
    if (service->policies == NULL)
        return false;
    size_t count = policy_set_count(service->policies);
    service->down = calloc(count, sizeof(*service->down));
    if (service->down == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for the policies");
    struct error last = {0};
    for (size_t i = 0; i < count; i++) {
        struct policy *policy = policy_set_at(service->policies, i);
        if (!engine_set_policy(service->engine, policy, ZYGOTE_START_MS, &last))
            add_down(service, policy, last.text);
    }
    if (service->down_count == count)
        return error_set(err, last.kind, "no policy can run on this host; the last said: %.300s", last.text);
    metrics_add(service->metrics, METRIC_POLICY_RELOADS, 1, "ok", NULL, NULL);
    return true;
}

// Swaps all of `set` but those that are in `down`, or nothing.
static bool swap_policies(struct service *service, const struct policy_set *set,
                          const struct policy_down *down, size_t down_count, struct error *err)
{
    size_t count = policy_set_count(set), up = 0;
    autofree struct policy **policies = calloc(count, sizeof(struct policy *));
    if (policies == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for the policies");
    for (size_t i = 0; i < count; i++) {
        bool is_down = false;
        for (size_t j = 0; j < down_count; j++)
            is_down |= strcmp(down[j].name, policy_set_at(set, i)->name) == 0;
        if (!is_down)
            policies[up++] = policy_set_at(set, i);
    }
    return up > 0 && engine_set_policies(service->engine, policies, up, ZYGOTE_START_MS, err);
}

// With the lock held. What could not run on this host before need not now; everything else must.
static bool swap_set(struct service *service, struct policy_set *set, struct error *err)
{
    struct policy_down *down = calloc(policy_set_count(set), sizeof(*down));
    size_t down_count = 0;
    if (down == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for the policies");
    bool swapped = swap_policies(service, set, NULL, 0, err);
    if (!swapped && service->down_count > 0) {
        for (size_t i = 0; i < service->down_count; i++)
            if (policy_set_find(set, service->down[i].name) != NULL)
                down[down_count++] = service->down[i];
        swapped = swap_policies(service, set, down, down_count, err);
    }
    if (!swapped) {
        free(down);
        return false;
    }
    free(service->down);
    service->down = down;
    service->down_count = down_count;
    policy_set_free(service->policies);
    service->policies = set;
    return true;
}

bool service_load_policies(struct service *service, struct error *err)
{
    struct policy_set *set = read_policies(service, err);
    bool swapped = false;
    if (set != NULL) {
        pthread_mutex_lock(&service->policies_lock);
        swapped = swap_set(service, set, err);
        pthread_mutex_unlock(&service->policies_lock);
        if (!swapped)
            policy_set_free(set);
    }
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
