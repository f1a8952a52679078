// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/policies/live.h"

#include "base/cleanup.h"
#include "sandboxd/policies/apply.h"
#include "sandboxd/service.h"
#include "sandboxd/service_policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool live_init(struct service *service, struct error *err)
{
    (void)err;
    pthread_mutex_init(&service->live.change_lock, NULL);
    pthread_mutex_init(&service->live.lock, NULL);
    live_sources_init(&service->live.sources);
    return true;
}

void live_free(struct service *service)
{
    policy_set_free(service->policies);
    service->policies = NULL;
    live_sources_free(&service->live.sources);
    free(service->live.down);
    service->live.down = NULL;
    service->live.down_count = 0;
}

static bool propose_folder(struct service *service, struct proposal *ret_proposal, struct error *err)
{
    struct diagnostics faults;
    struct proposal proposal = {0};
    diagnostics_init(&faults);
    if (!live_sources_read(&proposal.sources, service->config.policy_dir, service->store, err))
        return false;
    if (proposal.sources.merged.count == 0)
        error_set(err, ERROR_NOT_FOUND, "there is no policy (NAME.json) in %s", service->config.policy_dir);
    else
        proposal.set = policy_set_make(&proposal.sources.merged, &faults, err);
    service_log_faults(service, &faults, "fault in a policy");
    if (diagnostics_any(&faults))
        error_set(err, ERROR_INVALID, "the policies in %s have faults, logged one by one",
                  service->config.policy_dir);
    diagnostics_free(&faults);
    if (!proposal.set) {
        proposal_free(&proposal);
        return false;
    }
    *ret_proposal = proposal;
    return true;
}

// The policy that was live under this name when the service last ran; NULL if none was, or its document is
// not valid any more.
struct earlier {
    struct policy *policy;
};

static bool take_earlier(void *earlier_, const struct version_row *row, struct error *err)
{
    struct earlier *earlier = earlier_;
    struct policy_sources sources;
    struct diagnostics faults;
    policy_sources_init(&sources);
    diagnostics_init(&faults);
    bool added = policy_sources_add(&sources, row->name, row->name, row->canonical, err);
    struct policy_set *set = added ? policy_set_make(&sources, &faults, err) : NULL;
    if (set)
        earlier->policy = policy_ref(policy_set_at(set, 0));
    policy_set_free(set);
    diagnostics_free(&faults);
    policy_sources_free(&sources);
    return added;
}

struct comparison {
    const struct policy_set *set;
    struct live_change change;
};

// What became different while the service was not running.
static bool compare_with_earlier(struct sqlite3 *db, void *comparison_, struct error *err)
{
    struct comparison *comparison = comparison_;
    for (size_t i = 0; i < policy_set_count(comparison->set); i++) {
        struct policy *after = policy_set_at(comparison->set, i);
        struct earlier earlier = {0};
        struct error problem = {0};
        if (!version_find(db, after->name, NULL, "", take_earlier, &earlier, &problem) &&
            problem.kind != ERROR_NOT_FOUND && problem.kind != ERROR_INVALID) {
            if (err)
                *err = problem;
            return false;
        }
        if (earlier.policy && strcmp(earlier.policy->version, after->version) == 0) {
            policy_unref(earlier.policy);
            continue;
        }
        comparison->change.items[comparison->change.count++] =
            (struct changed_policy){.before = earlier.policy, .after = policy_ref(after)};
    }
    return true;
}

static bool record_start(struct service *service, const struct proposal *proposal, struct error *err)
{
    static const struct change_author author = {.actor = "sandboxd", .reason = "start"};
    struct comparison comparison = {.set = proposal->set};
    comparison.change.items = calloc(policy_set_count(proposal->set) + 1, sizeof *comparison.change.items);
    if (!comparison.change.items)
        return error_set(err, ERROR_MEMORY, "no memory for the policies");
    bool recorded = store_read(service->store, compare_with_earlier, &comparison, err) &&
                    record_change(service, proposal, &comparison.change, &author, err);
    live_change_free(&comparison.change);
    return recorded;
}

static bool start(struct service *service, struct proposal *proposal, struct error *err)
{
    struct error last = {0};
    if (start_each(service, proposal->set, &last) == 0)
        return error_set(err, last.kind, "no policy can run on this host; the last said: %.300s", last.text);
    if (!record_start(service, proposal, err))
        return false;
    service->live.sources = proposal->sources;
    service->policies = proposal->set;
    *proposal = (struct proposal){0};
    return true;
}

static void count_reload(struct service *service, bool good)
{
    metrics_add(service->metrics, METRIC_POLICY_RELOADS, 1, good ? "ok" : "failed", NULL, NULL);
}

bool live_start(struct service *service, struct error *err)
{
    struct proposal proposal;
    pthread_mutex_lock(&service->live.change_lock);
    bool proposed = propose_folder(service, &proposal, err);
    bool started = proposed && start(service, &proposal, err);
    pthread_mutex_unlock(&service->live.change_lock);
    if (!proposed)
        return false;
    proposal_free(&proposal);
    if (started)
        count_reload(service, true);
    return started;
}

bool live_reload(struct service *service, size_t *ret_count, struct error *err)
{
    static const struct change_author author = {.actor = "SIGHUP", .reason = "file"};
    struct proposal proposal;
    struct live_change change = {0};
    // The lock comes first: what is read before a change that goes on would undo it.
    pthread_mutex_lock(&service->live.change_lock);
    bool good = propose_folder(service, &proposal, err);
    if (good) {
        good = proposal_compare(service, &proposal, &change, err) &&
               apply_change(service, &proposal, &change, &author, err) == LIVE_DONE;
        live_change_free(&change);
        proposal_free(&proposal);
    }
    if (good)
        *ret_count = policy_set_count(service->policies);
    pthread_mutex_unlock(&service->live.change_lock);
    count_reload(service, good);
    return good;
}

struct policy *live_policy(struct service *service, const char *name)
{
    pthread_mutex_lock(&service->policies_lock);
    struct policy *policy = policy_set_find(service->policies, name);
    if (policy)
        policy_ref(policy);
    pthread_mutex_unlock(&service->policies_lock);
    return policy;
}

bool live_problem(struct service *service, const char *name, char *text, size_t size)
{
    bool found = false;
    pthread_mutex_lock(&service->live.lock);
    for (size_t i = 0; i < service->live.down_count && !found; i++) {
        found = strcmp(service->live.down[i].name, name) == 0;
        if (found)
            snprintf(text, size, "%s", service->live.down[i].reason);
    }
    pthread_mutex_unlock(&service->live.lock);
    // One that did start, and whose zygote cannot be started again.
    return found || engine_policy_problem(service->engine, name, text, size);
}

char *live_document(struct service *service, const char *name, const char **ret_kind)
{
    pthread_mutex_lock(&service->live.lock);
    const struct policy_source *source = policy_sources_find(&service->live.sources.merged, name);
    char *copied = source ? strdup(source->text) : NULL;
    *ret_kind = live_sources_was_put(&service->live.sources, name) ? "http" : "file";
    pthread_mutex_unlock(&service->live.lock);
    return copied;
}
