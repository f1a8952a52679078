// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/policy_answer.h"

#include "base/cleanup.h"
#include "policies/describe.h"
#include "policies/json_text.h"
#include "sandboxd/http/request.h"
#include "sandboxd/policies/effect.h"

bool policy_problem(struct service *service, const struct http_request *request, const char *name, char *text,
                    size_t size)
{
    bool down = live_problem(service, name, text, size);
    if (down && request->identity.role != ROLE_ADMIN)
        snprintf(text, size, "it cannot run on this host now");
    return down;
}

void policy_refuse_down(struct http_request *request, const char *name, const char *problem)
{
    if (request->identity.role == ROLE_ADMIN)
        http_refuse(request, PROBLEM_POLICY_UNAVAILABLE, "policy \"%s\" cannot run on this host: %s", name,
                    problem);
    else
        http_refuse(request, PROBLEM_POLICY_UNAVAILABLE,
                    "policy \"%s\" cannot run on this host now; its administrator can see why", name);
}

json_t *policy_body(struct service *service, const struct http_request *request, const struct policy *policy)
{
    const char *kind;
    char problem[ERROR_TEXT_SIZE] = "";
    autofree char *written = live_document(service, policy->name, &kind);
    bool down = policy_problem(service, request, policy->name, problem, sizeof(problem));
    json_t *body = policy_describe(policy);
    json_t *source = json_pack(
        "{s:s, s:o}", "kind", kind, "document",
        written != NULL ? json_read(bytes_of_text(written), JSON_REJECT_DUPLICATES, NULL) : json_null());
    if (body == NULL || json_object_set_new(body, "source", source) != 0 ||
        json_object_set_new(body, "problem", json_text_or_null(down ? problem : NULL)) != 0) {
        json_decref(body);
        return NULL;
    }
    return body;
}

struct sampling {
    const char *policy;
    struct run_samples samples;
};

static bool read_samples(struct database *db, void *sampling_, struct error *err)
{
    struct sampling *sampling = sampling_;
    return run_samples_read(db, sampling->policy, NULL, EFFECT_RUNS, &sampling->samples, err);
}

// Adds "runs" to each described change that means something for runs that were.
static bool add_effects(json_t *described, const struct policy_changes *changes, const struct policy *after,
                        const struct run_samples *samples)
{
    bool good = true;
    for (size_t i = 0; good && i < changes->count; i++) {
        struct run_effect effect;
        if (!change_effect_on_runs(&changes->items[i], after, samples, &effect))
            continue;
        json_t *runs = json_pack("{s:I, s:I, s:s}", "looked_at", (json_int_t)effect.run_count, "used_more",
                                 (json_int_t)effect.used_more, "words", effect.text);
        good = json_object_set_new(json_array_get(described, i), "runs", runs) == 0;
    }
    return good;
}

static json_t *one_change(struct service *service, const struct changed_policy *changed)
{
    struct policy_changes changes = {0};
    struct sampling sampling = {.policy = changed->after != NULL ? changed->after->name : ""};
    if (changed->after != NULL && !policy_diff(changed->before, changed->after, &changes, NULL))
        return NULL;
    json_t *described = policy_describe_changes(&changes);
    // Without the store there is still the difference to tell.
    if (changed->before != NULL && changed->after != NULL &&
        store_read(service->store, read_samples, &sampling, NULL) &&
        !add_effects(described, &changes, changed->after, &sampling.samples)) {
        json_decref(described);
        described = NULL;
    }
    run_samples_free(&sampling.samples);
    policy_changes_free(&changes);
    return json_pack(
        "{s:s, s:o, s:o, s:o}", "name", (changed->after ? changed->after : changed->before)->name, "before",
        json_text_or_null(changed->before != NULL ? changed->before->version : NULL), "after",
        json_text_or_null(changed->after != NULL ? changed->after->version : NULL), "changes", described);
}

json_t *policy_change_body(struct service *service, const struct live_change *change)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < change->count; i++) {
        if (json_array_append_new(array, one_change(service, &change->items[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static void refuse_faults(struct http_request *request, const struct diagnostics *faults)
{
    char only[DIAGNOSTIC_TEXT_SIZE];
    if (faults->count == 1 && !faults->incomplete) {
        diagnostic_format(&faults->items[0], only);
        http_refuse_faults(request, PROBLEM_INVALID_POLICY, faults, "%s; nothing was changed", only);
    } else {
        http_refuse_faults(request, PROBLEM_INVALID_POLICY, faults,
                           "the policy has %s%zu faults, listed in errors; nothing was changed",
                           faults->incomplete ? "more than " : "", faults->count);
    }
}

static void refuse_failed(struct http_request *request, enum problem_code code, const struct error *err)
{
    http_refuse(request, err->kind == ERROR_MEMORY ? PROBLEM_INTERNAL_ERROR : code,
                "%s; what was live goes on", err->text);
}

void policy_refuse(struct http_request *request, enum live_verdict verdict, const struct diagnostics *faults,
                   const struct error *err)
{
    switch (verdict) {
    case LIVE_FAULTY:
        refuse_faults(request, faults);
        break;
    case LIVE_STALE:
        http_refuse(request, PROBLEM_PRECONDITION_FAILED, "%s; nothing was changed", err->text);
        break;
    case LIVE_NOT_FOUND:
        http_refuse(request, PROBLEM_NOT_FOUND, "%s", err->text);
        break;
    case LIVE_IN_USE:
        http_refuse(request, PROBLEM_POLICY_IN_USE, "%s", err->text);
        break;
    case LIVE_NO_START:
        refuse_failed(request, PROBLEM_POLICY_CANNOT_START, err);
        break;
    case LIVE_NOT_KEPT:
        refuse_failed(request, PROBLEM_STORE_FAILED, err);
        break;
    case LIVE_DONE:
        break;
    }
}
