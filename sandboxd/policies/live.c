// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/policies/live.h"

#include "base/cleanup.h"
#include "policies/document_tree.h"
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

static bool copy_canonical(void *canonical, const struct version_row *row, struct error *err)
{
    buffer_append(canonical, row->canonical.data, row->canonical.length);
    return buffer_ok(canonical) || error_set(err, ERROR_MEMORY, "out of memory");
}

struct last_live {
    const char *name;
    struct buffer canonical;
};

static bool find_last_live(struct database *db, void *last_, struct error *err)
{
    struct last_live *last = last_;
    return version_find(db, last->name, NULL, "", copy_canonical, &last->canonical, err);
}

// Puts the resolved document of the version that was live last, which needs no parent, over the faulty one.
static bool put_last_live(struct service *service, struct live_sources *sources, const char *name)
{
    struct last_live last = {.name = name, .canonical = buffer_make(DOCUMENT_BYTES_MAX)};
    struct error err;
    bool put = store_read(service->store, find_last_live, &last, &err) &&
               live_sources_put(sources, name, bytes_of(last.canonical.data, last.canonical.length), &err);
    buffer_free(&last.canonical);
    return put;
}

// A document that was put over HTTP was good once; by now its parent may be gone, or this release may be
// stricter. Nobody could mend it if the service did not start: the version that was live last goes on, and
// if that is at fault as well, the policy is left out. False if no such document is at fault.
static bool fall_back(struct service *service, struct live_sources *sources, const struct diagnostics *faults,
                      bool to_last_live)
{
    bool any = false;
    if (faults->exhausted)
        return false; // the documents may be good
    for (size_t i = 0; i < faults->count; i++) {
        const char *file = faults->items[i].file;
        if (i > 0 && strcmp(file, faults->items[i - 1].file) == 0)
            continue; // they are sorted
        const struct policy_source *source = NULL;
        for (size_t j = 0; j < sources->merged.count && !source; j++)
            if (strcmp(sources->merged.items[j].file, file) == 0)
                source = &sources->merged.items[j];
        if (!source || !live_sources_was_put(sources, source->name))
            continue;
        autofree char *name = strdup(source->name);
        bool put = name && to_last_live && put_last_live(service, sources, name);
        if (name && !put)
            policy_sources_remove(&sources->merged, name);
        log_to(&service->logger, LOG_ERROR, "a policy that was put over HTTP has faults",
               LOG_TEXT("policy", name),
               LOG_TEXT("detail", put ? "the version that was live last goes on"
                                      : "it is left out, until it is put again"));
        any = any || name;
    }
    return any;
}

static struct policy_set *make_set(struct service *service, struct live_sources *sources, bool starting,
                                   struct error *err)
{
    for (unsigned attempt = 0;; attempt++) {
        struct diagnostics faults;
        diagnostics_init(&faults);
        struct policy_set *set = policy_set_make(&sources->merged, &faults, err);
        service_log_faults(service, &faults, "fault in a policy");
        char first[DIAGNOSTIC_TEXT_SIZE] = "none in memory";
        if (faults.count > 0)
            diagnostic_format(&faults.items[0], first);
        if (diagnostics_any(&faults))
            error_set(err, ERROR_INVALID, "the log has each fault; the first is %.400s", first);
        bool again = !set && starting && attempt < 2 && fall_back(service, sources, &faults, attempt == 0);
        diagnostics_free(&faults);
        if (!again)
            return set;
    }
}

static bool propose_folder(struct service *service, bool starting, struct proposal *ret_proposal,
                           struct error *err)
{
    struct proposal proposal = {0};
    if (!live_sources_read(&proposal.sources, service->config.policy_dir, service->store, err))
        return false;
    if (proposal.sources.merged.count == 0)
        error_set(err, ERROR_NOT_FOUND, "there is no policy (NAME.json) in %s", service->config.policy_dir);
    else
        proposal.set = make_set(service, &proposal.sources, starting, err);
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
    struct database *db;
    const struct policy_set *set;
    struct live_change change;
};

// Takes `after` over. `live_before`: what the audit log says was live, "" for nothing.
static bool add_difference(struct comparison *comparison, const char *name, const char *live_before,
                           struct policy *after, struct error *err)
{
    struct live_change *change = &comparison->change;
    struct earlier earlier = {0};
    struct error problem = {0};
    if (live_before[0] &&
        !version_find(comparison->db, name, live_before, "", take_earlier, &earlier, &problem) &&
        problem.kind != ERROR_NOT_FOUND && problem.kind != ERROR_INVALID) {
        policy_unref(after);
        return error_set(err, problem.kind, "%s", problem.text);
    }
    struct changed_policy *items = reallocarray(change->items, change->count + 1, sizeof *items);
    if (!items || (!earlier.policy && !after)) {
        policy_unref(earlier.policy);
        policy_unref(after);
        change->items = items ? items : change->items;
        return items || error_set(err, ERROR_MEMORY, "no memory for the policies");
    }
    change->items = items;
    items[change->count++] = (struct changed_policy){.before = earlier.policy, .after = after};
    return true;
}

static bool note_gone(void *comparison_, const char *name, struct error *err)
{
    struct comparison *comparison = comparison_;
    char before[POLICY_VERSION_SIZE];
    if (policy_set_find(comparison->set, name))
        return true;
    return audit_live_version(comparison->db, name, before, err) &&
           (!before[0] || add_difference(comparison, name, before, NULL, err));
}

// What became different while the service was not running.
static bool compare_with_earlier(struct database *db, void *comparison_, struct error *err)
{
    struct comparison *comparison = comparison_;
    comparison->db = db;
    for (size_t i = 0; i < policy_set_count(comparison->set); i++) {
        struct policy *after = policy_set_at(comparison->set, i);
        char before[POLICY_VERSION_SIZE];
        if (!audit_live_version(db, after->name, before, err) ||
            (strcmp(before, after->version) != 0 &&
             !add_difference(comparison, after->name, before, policy_ref(after), err)))
            return false;
    }
    return version_names(db, note_gone, comparison, err);
}

static bool record_start(struct service *service, const struct proposal *proposal, struct error *err)
{
    static const struct change_author author = {.actor = "sandboxd", .reason = "start"};
    struct comparison comparison = {.set = proposal->set};
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
    bool proposed = propose_folder(service, true, &proposal, err);
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
    bool good = propose_folder(service, false, &proposal, err);
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
    pthread_mutex_lock(&service->live.lock);
    snprintf(service->live.reload_problem, sizeof service->live.reload_problem, "%s", good ? "" : err->text);
    pthread_mutex_unlock(&service->live.lock);
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
