// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/policies/apply.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "sandboxd/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZYGOTE_START_MS = 15000 };

void live_change_free(struct live_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        policy_unref(change->items[i].before);
        policy_unref(change->items[i].after);
    }
    free(change->items);
    *change = (struct live_change){0};
}

void proposal_free(struct proposal *proposal)
{
    policy_set_free(proposal->set);
    live_sources_free(&proposal->sources);
    *proposal = (struct proposal){0};
}

static void tell_change(struct service *service, const struct changed_policy *changed,
                        const struct change_author *author)
{
    const struct policy *any = changed->after ? changed->after : changed->before;
    log_to(&service->logger, LOG_DEBUG, "policy changed", LOG_TEXT("policy", any->name),
           LOG_TEXT("before", changed->before ? changed->before->version : NULL),
           LOG_TEXT("after", changed->after ? changed->after->version : NULL), LOG_TEXT("by", author->actor));
}

static void add_changed(struct live_change *change, struct policy *before, struct policy *after)
{
    change->items[change->count++] = (struct changed_policy){
        .before = before ? policy_ref(before) : NULL,
        .after = after ? policy_ref(after) : NULL,
    };
}

bool proposal_compare(struct service *service, const struct proposal *proposal,
                      struct live_change *ret_change, struct error *err)
{
    const struct policy_set *live = service->policies;
    size_t live_count = live ? policy_set_count(live) : 0;
    struct live_change change = {
        .items = calloc(live_count + policy_set_count(proposal->set) + 1, sizeof *change.items)};
    if (!change.items)
        return error_set(err, ERROR_MEMORY, "no memory for the change");
    // What was put comes first, whatever its name.
    for (int own = 1; own >= 0; own--) {
        for (size_t i = 0; i < policy_set_count(proposal->set); i++) {
            struct policy *after = policy_set_at(proposal->set, i);
            struct policy *before = live ? policy_set_find(live, after->name) : NULL;
            bool is_own = proposal->name && strcmp(proposal->name, after->name) == 0;
            if (is_own == (own == 1) && (!before || strcmp(before->version, after->version) != 0))
                add_changed(&change, before, after);
        }
    }
    for (size_t i = 0; i < live_count; i++)
        if (!policy_set_find(proposal->set, policy_set_at(live, i)->name))
            add_changed(&change, policy_set_at(live, i), NULL);
    *ret_change = change;
    return true;
}

static bool is_down(struct service *service, const struct policy *policy)
{
    for (size_t i = 0; i < service->live.down_count; i++)
        if (strcmp(service->live.down[i].name, policy->name) == 0 &&
            strcmp(service->live.down[i].version, policy->version) == 0)
            return true;
    return false;
}

static void tell_resolved(struct service *service, const struct policy_set *set)
{
    for (size_t i = 0; i < policy_set_count(set); i++)
        log_to(&service->logger, LOG_DEBUG, "policy resolved",
               LOG_TEXT("policy", policy_set_at(set, i)->name),
               LOG_TEXT("policy_version", policy_set_at(set, i)->version));
}

// Swaps the engine's policies for those of the set, but for those that are known not to start on this host:
// they were let in at the start, and must not stand in the way of changes of others.
static bool swap_engine(struct service *service, const struct policy_set *set, struct error *err)
{
    size_t count = 0;
    tell_resolved(service, set);
    autofree struct policy **policies = calloc(policy_set_count(set) + 1, sizeof(struct policy *));
    if (!policies)
        return error_set(err, ERROR_MEMORY, "no memory for the policies");
    for (size_t i = 0; i < policy_set_count(set); i++)
        if (!is_down(service, policy_set_at(set, i)))
            policies[count++] = policy_set_at(set, i);
    uint64_t began_ns = clock_monotonic_ns();
    bool swapped = engine_set_policies(service->engine, policies, count, ZYGOTE_START_MS, err);
    log_to(&service->logger, LOG_DEBUG, "engine's policies swapped", LOG_BOOL("done", swapped),
           LOG_INTEGER("count", count),
           LOG_MS_FROM_US("took_ms", (clock_monotonic_ns() - began_ns) / NS_PER_US));
    return swapped;
}

static void set_down(struct service *service, struct down_policy *down, size_t count)
{
    pthread_mutex_lock(&service->live.lock);
    struct down_policy *before = service->live.down;
    service->live.down = down;
    service->live.down_count = count;
    pthread_mutex_unlock(&service->live.lock);
    free(before);
}

static bool start_one(struct service *service, struct policy *policy, struct down_policy *ret_down,
                      struct error *err)
{
    if (engine_set_policy(service->engine, policy, ZYGOTE_START_MS, err))
        return true;
    snprintf(ret_down->name, sizeof ret_down->name, "%s", policy->name);
    snprintf(ret_down->version, sizeof ret_down->version, "%s", policy->version);
    snprintf(ret_down->reason, sizeof ret_down->reason, "%s", err->text);
    log_to(&service->logger, LOG_ERROR, "policy cannot run on this host", LOG_TEXT("policy", policy->name),
           LOG_TEXT("detail", err->text));
    return false;
}

size_t start_each(struct service *service, const struct policy_set *set, struct error *ret_last)
{
    size_t count = policy_set_count(set), up = 0, down_count = 0;
    tell_resolved(service, set);
    // All zygotes side by side, as long as none has a problem.
    if (engine_set_policies(service->engine, policy_set_items(set), count, ZYGOTE_START_MS, ret_last))
        return count;
    struct down_policy *down = calloc(count + 1, sizeof *down);
    for (size_t i = 0; down && i < count; i++) {
        if (start_one(service, policy_set_at(set, i), &down[down_count], ret_last))
            up++;
        else
            down_count++;
    }
    set_down(service, down, down ? down_count : 0);
    return up;
}

// Those that are down may be able to start by now, and those that are gone are forgotten.
static void retry_down(struct service *service)
{
    struct down_policy *down = calloc(service->live.down_count + 1, sizeof *down);
    size_t count = 0;
    for (size_t i = 0; down && i < service->live.down_count; i++) {
        struct policy *policy = policy_set_find(service->policies, service->live.down[i].name);
        struct error err;
        if (policy && is_down(service, policy) && !start_one(service, policy, &down[count], &err))
            count++;
    }
    if (down)
        set_down(service, down, count);
}

enum live_verdict apply_change(struct service *service, struct proposal *proposal,
                               const struct live_change *change, const struct change_author *author,
                               struct error *err)
{
    if (!swap_engine(service, proposal->set, err))
        return LIVE_NO_START;
    if (!record_change(service, proposal, change, author, err)) {
        struct error back;
        if (!swap_engine(service, service->policies, &back))
            log_to(&service->logger, LOG_ERROR, "a change of policies was neither kept nor taken back",
                   LOG_TEXT("detail", back.text));
        return LIVE_NOT_KEPT;
    }
    struct policy_set *before = service->policies;
    struct live_sources sources = service->live.sources;
    pthread_mutex_lock(&service->live.lock);
    service->live.sources = proposal->sources;
    pthread_mutex_unlock(&service->live.lock);
    pthread_mutex_lock(&service->policies_lock);
    service->policies = proposal->set;
    pthread_mutex_unlock(&service->policies_lock);
    policy_set_free(before);
    live_sources_free(&sources);
    *proposal = (struct proposal){0};
    for (size_t i = 0; i < change->count; i++)
        tell_change(service, &change->items[i], author);
    retry_down(service);
    return LIVE_DONE;
}
