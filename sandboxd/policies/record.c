// SPDX-License-Identifier: Apache-2.0
// A change of the live policies as the store keeps it: the document, the versions that became live, and a
// line of the audit log for each policy that is different, with the difference. One transaction.
#include "base/cleanup.h"
#include "base/clock.h"
#include "policies/describe.h"
#include "policies/json_text.h"
#include "sandboxd/policies/apply.h"
#include "sandboxd/service.h"

#include <stdio.h>
#include <string.h>

struct recording {
    const struct proposal *proposal;
    const struct live_change *change;
    const struct change_author *author;
};

static bool record_version(struct database *db, const struct recording *recording,
                           const struct policy *policy, const char *reason, struct error *err)
{
    const struct policy_source *source =
        policy_sources_find(&recording->proposal->sources.merged, policy->name);
    struct version_row row = {
        .name = policy->name,
        .version = policy->version,
        .document = bytes_of(source->text, source->length),
        .canonical = bytes_of_text(policy->canonical),
        .at_ms = clock_unix_ms(),
        .actor = recording->author->actor,
        .reason = reason,
    };
    return version_add(db, &row, err);
}

// {"changes": [...], "because_of": the policy that was put, where this one only extends it}
static char *detail_of(const struct recording *recording, const struct changed_policy *changed)
{
    struct policy_changes changes = {0};
    if (changed->after && !policy_diff(changed->before, changed->after, &changes, NULL))
        return NULL;
    const char *put = recording->proposal->name;
    const char *own = changed->after ? changed->after->name : changed->before->name;
    json_t *detail = json_pack("{s:o, s:s*}", "changes", policy_describe_changes(&changes), "because_of",
                               put && strcmp(put, own) != 0 ? put : NULL);
    char *text = detail ? json_text_of(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    policy_changes_free(&changes);
    return text;
}

static bool record_audit(struct database *db, const struct recording *recording,
                         const struct changed_policy *changed, struct error *err)
{
    const struct change_author *author = recording->author;
    autofree char *detail = detail_of(recording, changed);
    char action[32];
    snprintf(action, sizeof action, "policy.%s", changed->after ? author->reason : "removed");
    struct audit_row row = {
        .at_ms = clock_unix_ms(),
        .actor = author->actor,
        .remote = author->remote,
        .request_id = author->request_id,
        .action = action,
        .target = changed->after ? changed->after->name : changed->before->name,
        .before_version = changed->before ? changed->before->version : NULL,
        .after_version = changed->after ? changed->after->version : NULL,
        .detail = detail,
        .promise = author->promise,
    };
    return detail ? audit_add(db, &row, err) : error_set(err, ERROR_MEMORY, "out of memory");
}

static bool record_document(struct database *db, const struct recording *recording, struct error *err)
{
    const struct proposal *proposal = recording->proposal;
    if (!proposal->name)
        return live_sources_drop_outdated(&proposal->sources, db, err);
    if (!proposal->document.data)
        return document_drop(db, proposal->name, err);
    char hash[FILE_HASH_SIZE];
    live_sources_file_hash(&proposal->sources, proposal->name, hash);
    struct document_row row = {.name = proposal->name, .document = proposal->document, .file_sha256 = hash};
    return document_put(db, &row, recording->author->actor, err);
}

static bool record(struct database *db, void *recording_, struct error *err)
{
    const struct recording *recording = recording_;
    if (!record_document(db, recording, err))
        return false;
    for (size_t i = 0; i < recording->change->count; i++) {
        const struct changed_policy *changed = &recording->change->items[i];
        const char *put = recording->proposal->name;
        bool inherited = changed->after && put && strcmp(put, changed->after->name) != 0;
        if (changed->after && !record_version(db, recording, changed->after,
                                              inherited ? "inherited" : recording->author->reason, err))
            return false;
        if (!record_audit(db, recording, changed, err))
            return false;
    }
    return true;
}

bool record_change(struct service *service, const struct proposal *proposal, const struct live_change *change,
                   const struct change_author *author, struct error *err)
{
    struct recording recording = {.proposal = proposal, .change = change, .author = author};
    return store_transact(service->store, record, &recording, err);
}
