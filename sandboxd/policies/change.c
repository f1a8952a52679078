// SPDX-License-Identifier: Apache-2.0
// Changes that come in a request: a document put in place, an earlier version made live again, and the same
// without doing it.
#include "base/cleanup.h"
#include "policies/origins.h"
#include "policies/policy_document.h"
#include "sandboxd/policies/apply.h"
#include "sandboxd/policies/entity_tag.h"
#include "sandboxd/service.h"

#include <stdio.h>
#include <string.h>

// change_lock is held in all of these.

static bool holds(struct service *service, const char *name, const struct live_precondition *precondition,
                  struct error *err)
{
    const struct policy *live = policy_set_find(service->policies, name);
    const char *version = live ? live->version : NULL;
    if (precondition->if_match && !entity_tag_matches(precondition->if_match, version))
        return live ? error_set(err, ERROR_CONFLICT, "policy \"%s\" is now of version %s", name, version)
                    : error_set(err, ERROR_CONFLICT, "there is no policy \"%s\"", name);
    if (precondition->if_none_match && entity_tag_matches(precondition->if_none_match, version))
        return error_set(err, ERROR_CONFLICT, "policy \"%s\" exists, of version %s", name, version);
    return true;
}

// All documents with this one among them, resolved. False: `faults` or `err` says why.
static bool propose(struct service *service, const char *name, struct bytes document,
                    struct diagnostics *faults, struct proposal *ret_proposal, struct error *err)
{
    struct proposal proposal = {.name = name, .document = document};
    if (!live_sources_copy(&service->live.sources, &proposal.sources, err))
        return false;
    if (live_sources_put(&proposal.sources, name, document, err))
        proposal.set = policy_set_make(&proposal.sources.merged, faults, err);
    if (!proposal.set) {
        const struct policy_source *own = policy_sources_find(&proposal.sources.merged, name);
        if (own)
            diagnostics_rename(faults, own->file, DIAGNOSTIC_REQUEST);
        proposal_free(&proposal);
        return false;
    }
    *ret_proposal = proposal;
    return true;
}

// Why there is no proposal.
static enum live_verdict not_proposed(const struct diagnostics *faults, struct error *err)
{
    if (diagnostics_any(faults) && !faults->exhausted)
        return LIVE_FAULTY;
    if (faults->exhausted)
        error_set(err, ERROR_MEMORY, "the server has no memory to read the policies");
    return LIVE_NOT_KEPT;
}

static enum live_verdict put(struct service *service, const char *name, struct bytes document,
                             const struct change_author *author, struct diagnostics *faults,
                             struct live_change *ret_change, struct error *err)
{
    struct proposal proposal;
    struct live_change change = {0};
    if (!propose(service, name, document, faults, &proposal, err))
        return not_proposed(faults, err);
    enum live_verdict verdict = LIVE_NOT_KEPT;
    if (proposal_compare(service, &proposal, &change, err))
        verdict = apply_change(service, &proposal, &change, author, err);
    proposal_free(&proposal);
    if (verdict == LIVE_DONE)
        *ret_change = change;
    else
        live_change_free(&change);
    return verdict;
}

// What was never tried is no reload.
static void count(struct service *service, enum live_verdict verdict)
{
    if (verdict == LIVE_STALE || verdict == LIVE_NOT_FOUND || verdict == LIVE_IN_USE)
        return;
    metrics_add(service->metrics, METRIC_POLICY_RELOADS, 1, verdict == LIVE_DONE ? "ok" : "failed", NULL,
                NULL);
}

enum live_verdict live_put(struct service *service, const char *name, struct bytes document,
                           const struct live_precondition *precondition, const struct change_author *author,
                           struct diagnostics *faults, struct live_change *ret_change, struct error *err)
{
    pthread_mutex_lock(&service->live.change_lock);
    enum live_verdict verdict = LIVE_STALE;
    if (holds(service, name, precondition, err))
        verdict = put(service, name, document, author, faults, ret_change, err);
    pthread_mutex_unlock(&service->live.change_lock);
    count(service, verdict);
    return verdict;
}

// Why it cannot be taken away. True if it can.
static bool is_removable(struct service *service, const char *name, struct error *err)
{
    if (strcmp(name, "default") == 0)
        return error_set(err, ERROR_CONFLICT,
                         "policy \"%s\" cannot be taken away: runs that name no policy get it", name);
    const struct policy_source *file = policy_sources_find(&service->live.sources.files, name);
    if (file)
        return error_set(err, ERROR_CONFLICT,
                         "policy \"%s\" cannot be taken away here: it is a file, %s; remove that and reload",
                         name, file->file);
    char plan[PLAN_NAME_SIZE];
    if (accounts_policy_in_plan(service->accounts, name, plan))
        return error_set(err, ERROR_CONFLICT, "policy \"%s\" cannot be taken away: the plan \"%s\" names it",
                         name, plan);
    for (size_t i = 0; i < policy_set_count(service->policies); i++) {
        const struct policy *other = policy_set_at(service->policies, i);
        const struct policy_origins *chain = other->origins;
        for (uint32_t up = 0; up + 1 < chain->document_count; up++)
            if (strcmp(chain->documents[up], name) == 0)
                return error_set(err, ERROR_CONFLICT,
                                 "policy \"%s\" cannot be taken away: policy \"%s\" extends it", name,
                                 other->name);
    }
    return true;
}

static enum live_verdict take_away(struct service *service, const char *name,
                                   const struct change_author *author, struct live_change *ret_change,
                                   struct error *err)
{
    struct proposal proposal = {.name = name};
    struct live_change change = {0};
    struct diagnostics faults;
    enum live_verdict verdict = LIVE_NOT_KEPT;
    diagnostics_init(&faults);
    if (live_sources_copy(&service->live.sources, &proposal.sources, err) &&
        policy_sources_remove(&proposal.sources.merged, name))
        proposal.set = policy_set_make(&proposal.sources.merged, &faults, err);
    if (proposal.set && proposal_compare(service, &proposal, &change, err))
        verdict = apply_change(service, &proposal, &change, author, err);
    diagnostics_free(&faults);
    proposal_free(&proposal);
    if (verdict == LIVE_DONE)
        *ret_change = change;
    else
        live_change_free(&change);
    return verdict;
}

enum live_verdict live_remove(struct service *service, const char *name,
                              const struct live_precondition *precondition,
                              const struct change_author *author, struct live_change *ret_change,
                              struct error *err)
{
    enum live_verdict verdict;
    pthread_mutex_lock(&service->live.change_lock);
    if (!policy_set_find(service->policies, name)) {
        error_set(err, ERROR_NOT_FOUND, "there is no policy \"%s\"", name);
        verdict = LIVE_NOT_FOUND;
    } else if (!holds(service, name, precondition, err)) {
        verdict = LIVE_STALE;
    } else if (!is_removable(service, name, err)) {
        verdict = LIVE_IN_USE;
    } else {
        verdict = take_away(service, name, author, ret_change, err);
    }
    pthread_mutex_unlock(&service->live.change_lock);
    count(service, verdict);
    return verdict;
}

// An earlier version, as it was written and as it was resolved.
struct kept_version {
    const char *name, *version, *live_version;
    char found[POLICY_VERSION_SIZE];
    struct buffer document, canonical;
};

static bool take_version(void *kept_, const struct version_row *row, struct error *err)
{
    struct kept_version *kept = kept_;
    snprintf(kept->found, sizeof kept->found, "%s", row->version);
    buffer_append(&kept->document, row->document.data, row->document.length);
    buffer_append(&kept->canonical, row->canonical.data, row->canonical.length);
    return (buffer_ok(&kept->document) && buffer_ok(&kept->canonical)) ||
           error_set(err, ERROR_MEMORY, "out of memory");
}

static bool find_version(struct database *db, void *kept_, struct error *err)
{
    struct kept_version *kept = kept_;
    return version_find(db, kept->name, kept->version, kept->live_version, take_version, kept, err);
}

// The document as it was written, where that still means the same; else the resolved one, which always does:
// what it extends may have changed since. False: no memory to tell.
static bool choose_document(struct service *service, const struct kept_version *kept,
                            struct bytes *ret_chosen, struct error *err)
{
    struct bytes written = bytes_of(kept->document.data, kept->document.length);
    struct diagnostics faults;
    struct proposal proposal;
    diagnostics_init(&faults);
    bool same = false, known = true;
    if (propose(service, kept->name, written, &faults, &proposal, err)) {
        same = strcmp(policy_set_find(proposal.set, kept->name)->version, kept->found) == 0;
        proposal_free(&proposal);
    } else {
        known = not_proposed(&faults, err) == LIVE_FAULTY;
    }
    diagnostics_free(&faults);
    *ret_chosen = same ? written : bytes_of(kept->canonical.data, kept->canonical.length);
    return known;
}

static enum live_verdict roll_back(struct service *service, struct kept_version *kept,
                                   const struct change_author *author, struct live_change *ret_change,
                                   struct error *err)
{
    if (!store_read(service->store, find_version, kept, err))
        return err->kind == ERROR_NOT_FOUND ? LIVE_NOT_FOUND : LIVE_NOT_KEPT;
    struct bytes document;
    if (!choose_document(service, kept, &document, err))
        return LIVE_NOT_KEPT;
    struct diagnostics faults;
    diagnostics_init(&faults);
    enum live_verdict verdict = put(service, kept->name, document, author, &faults, ret_change, err);
    if (verdict == LIVE_FAULTY) {
        // A document of an older release, or a child that does not go with it any more.
        char first[DIAGNOSTIC_TEXT_SIZE];
        diagnostic_format(&faults.items[0], first);
        error_set(err, ERROR_INVALID, "that version does not go with what is live: %s", first);
    }
    diagnostics_free(&faults);
    return verdict;
}

enum live_verdict live_rollback(struct service *service, const char *name, const char *version,
                                const struct live_precondition *precondition,
                                const struct change_author *author, struct live_change *ret_change,
                                struct error *err)
{
    struct kept_version kept = {.name = name,
                                .version = version,
                                .document = buffer_make(DOCUMENT_BYTES_MAX),
                                .canonical = buffer_make(DOCUMENT_BYTES_MAX)};
    pthread_mutex_lock(&service->live.change_lock);
    const struct policy *live = policy_set_find(service->policies, name);
    enum live_verdict verdict = LIVE_STALE;
    if (holds(service, name, precondition, err)) {
        kept.live_version = live ? live->version : "";
        verdict = roll_back(service, &kept, author, ret_change, err);
    }
    pthread_mutex_unlock(&service->live.change_lock);
    buffer_free(&kept.document);
    buffer_free(&kept.canonical);
    count(service, verdict);
    return verdict;
}

// What the document calls itself, so that it can be put among the others. Faults of the document itself are
// found again with the rest.
static bool read_name(struct bytes document, char name[POLICY_NAME_MAX + 1], struct diagnostics *faults)
{
    struct diagnostics own;
    struct policy_document read;
    diagnostics_init(&own);
    policy_document_read(DIAGNOSTIC_REQUEST, document, NULL, &own, &read);
    bool known = read.name_known;
    if (known)
        snprintf(name, POLICY_NAME_MAX + 1, "%s", read.name);
    for (size_t i = 0; !known && i < own.count; i++)
        diagnostics_add(faults, own.items[i].file, own.items[i].line, own.items[i].column,
                        own.items[i].pointer, "%s", own.items[i].message);
    faults->exhausted |= own.exhausted;
    policy_document_free(&read);
    diagnostics_free(&own);
    return known;
}

enum live_verdict live_check(struct service *service, struct bytes document, struct diagnostics *faults,
                             struct live_change *ret_change, struct error *err)
{
    char name[POLICY_NAME_MAX + 1];
    struct proposal proposal;
    if (!read_name(document, name, faults))
        return not_proposed(faults, err);
    pthread_mutex_lock(&service->live.change_lock);
    enum live_verdict verdict;
    if (propose(service, name, document, faults, &proposal, err)) {
        verdict = proposal_compare(service, &proposal, ret_change, err) ? LIVE_DONE : LIVE_NOT_KEPT;
        proposal_free(&proposal);
    } else {
        verdict = not_proposed(faults, err);
    }
    pthread_mutex_unlock(&service->live.change_lock);
    return verdict;
}
