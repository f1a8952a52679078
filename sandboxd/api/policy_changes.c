// SPDX-License-Identifier: Apache-2.0
// PUT and DELETE /v1/policies/{name}, POST /v1/policies/check and POST /v1/policies/{name}/rollback.
#include "base/cleanup.h"
#include "policies/describe.h"
#include "policies/members.h"
#include "sandboxd/api/body.h"
#include "sandboxd/api/idempotency.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/policy_answer.h"
#include "sandboxd/api/routes.h"

#include <stdio.h>
#include <string.h>

static struct bytes body_of(const struct http_request *request)
{
    return bytes_of(request->body.data, request->body.length);
}

static struct live_precondition precondition_of(const struct http_request *request)
{
    return (struct live_precondition){.if_match = http_header_value(request, "If-Match"),
                                      .if_none_match = http_header_value(request, "If-None-Match")};
}

static struct change_author author_of(const struct http_request *request, const char *reason,
                                      char remote[REMOTE_SIZE])
{
    http_remote_address(request, remote);
    return (struct change_author){.actor = request_actor(request),
                                  .remote = remote,
                                  .request_id = request->request_id,
                                  .reason = reason,
                                  .promise = request_promise(request)};
}

// The new policy, and what became different.
static void answer_changed(struct service *service, struct http_request *request, const char *name,
                           const struct live_change *change)
{
    struct policy *policy = live_policy(service, name);
    json_t *body = policy != NULL ? policy_body(service, request, policy) : NULL;
    if (body != NULL && json_object_set_new(body, "changed", policy_change_body(service, change)) != 0) {
        json_decref(body);
        body = NULL;
    }
    bool is_new = change->count > 0 && change->items[0].before == NULL && change->items[0].after != NULL &&
                  strcmp(change->items[0].after->name, name) == 0;
    answer_json(request, is_new ? 201 : 200, body);
    if (policy != NULL)
        http_add_header(request, "ETag", "\"%s\"", policy->version);
    policy_unref(policy);
}

static void put(struct service *service, struct http_request *request)
{
    const char *name = http_parameter(request, 0).data;
    char remote[REMOTE_SIZE];
    struct live_precondition precondition = precondition_of(request);
    struct change_author author = author_of(request, "put", remote);
    struct diagnostics faults;
    struct live_change change = {0};
    struct error err = {0};
    diagnostics_init(&faults);
    enum live_verdict verdict =
        live_put(service, name, body_of(request), &precondition, &author, &faults, &change, &err);
    if (verdict == LIVE_DONE)
        answer_changed(service, request, name, &change);
    else
        policy_refuse(request, verdict, &faults, &err);
    live_change_free(&change);
    diagnostics_free(&faults);
}

void policies_put(void *app, struct http_request *request)
{
    struct service *service = app;
    struct live_precondition precondition = precondition_of(request);
    if (!policy_name_valid(http_parameter(request, 0)))
        http_refuse(
            request, PROBLEM_INVALID_REQUEST,
            "this is no name of a policy: expected a lower-case letter, then up to 63 lower-case letters, "
            "digits, '_' or '-'");
    else if (precondition.if_match == NULL && precondition.if_none_match == NULL)
        http_refuse(
            request, PROBLEM_PRECONDITION_REQUIRED,
            "send If-Match with the ETag of the version that is to be replaced, or If-None-Match: * for a "
            "new policy");
    else
        answer_later(service, request, service->changes, put);
}

static void remove_policy(struct service *service, struct http_request *request)
{
    char remote[REMOTE_SIZE];
    struct live_precondition precondition = precondition_of(request);
    struct change_author author = author_of(request, "delete", remote);
    struct live_change change = {0};
    struct error err = {0};
    enum live_verdict verdict =
        live_remove(service, http_parameter(request, 0).data, &precondition, &author, &change, &err);
    if (verdict == LIVE_DONE)
        answer_json(request, 200, json_pack("{s:o}", "changed", policy_change_body(service, &change)));
    else
        policy_refuse(request, verdict, NULL, &err);
    live_change_free(&change);
}

void policies_delete(void *app, struct http_request *request)
{
    struct service *service = app;
    if (http_header_value(request, "If-Match") == NULL)
        http_refuse(request, PROBLEM_PRECONDITION_REQUIRED,
                    "send If-Match with the ETag of the version that is to be taken away");
    else
        answer_later(service, request, service->changes, remove_policy);
}

// What of the document needs a layer that this host lacks: it would not start.
static json_t *missing_layers(struct service *service, const struct live_change *change)
{
    json_t *missing = json_array();
    struct isolation_report report;
    bool known = false;
    pthread_mutex_lock(&service->policies_lock);
    for (size_t i = 0; !known && i < policy_set_count(service->policies); i++)
        known = engine_isolation(service->engine, policy_set_at(service->policies, i)->name, &report);
    pthread_mutex_unlock(&service->policies_lock);
    uint32_t required =
        change->count > 0 && change->items[0].after ? change->items[0].after->required_layers : 0;
    for (unsigned i = 0; known && i < ISOLATION_LAYER_COUNT; i++)
        if ((required & (1U << i)) && report.layer[i].state == LAYER_MISSING)
            json_array_append_new(missing, json_pack("{s:s, s:s}", "layer",
                                                     isolation_layer_name((enum isolation_layer)i), "reason",
                                                     report.layer[i].reason));
    return missing;
}

static void check(struct service *service, struct http_request *request)
{
    struct diagnostics faults;
    struct live_change change = {0};
    struct error err = {0};
    diagnostics_init(&faults);
    enum live_verdict verdict = live_check(service, body_of(request), &faults, &change, &err);
    if (verdict == LIVE_FAULTY)
        answer_json(request, 200,
                    json_pack("{s:b, s:o, s:[], s:[]}", "valid", 0, "errors", diagnostics_describe(&faults),
                              "changed", "missing_layers"));
    else if (verdict == LIVE_DONE)
        answer_json(request, 200,
                    json_pack("{s:b, s:[], s:o, s:o}", "valid", 1, "errors", "changed",
                              policy_change_body(service, &change), "missing_layers",
                              missing_layers(service, &change)));
    else
        policy_refuse(request, verdict, &faults, &err);
    live_change_free(&change);
    diagnostics_free(&faults);
}

void policies_check(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->changes, check);
}

// {"version": "sha256:..."}, or {} for the version before. False: the request is answered.
static bool read_version(struct http_request *request, char version[POLICY_VERSION_SIZE])
{
    json_t *body = body_json(request);
    if (body == NULL)
        return false;
    struct diagnostics faults;
    diagnostics_init(&faults);
    version[0] = '\0';
    const char *name;
    json_t *value;
    if (!json_is_object(body))
        diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, "",
                        "expected an object such as {\"version\": \"sha256:...\"}");
    json_object_foreach(body, name, value)
    {
        char pointer[64];
        snprintf(pointer, sizeof(pointer), "/%.40s", name);
        if (strcmp(name, "version") != 0)
            diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, pointer,
                            "unknown member: expected \"version\" or nothing");
        else if (!json_is_string(value) || json_string_length(value) != POLICY_VERSION_SIZE - 1)
            diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, pointer,
                            "expected \"sha256:\" and 64 hex digits");
        else
            snprintf(version, POLICY_VERSION_SIZE, "%s", json_string_value(value));
    }
    bool good = !diagnostics_any(&faults);
    if (!good)
        http_refuse_faults(request, PROBLEM_INVALID_REQUEST, &faults,
                           "the body has faults, listed in errors");
    diagnostics_free(&faults);
    json_decref(body);
    return good;
}

static void rollback(struct service *service, struct http_request *request)
{
    const char *name = http_parameter(request, 0).data;
    char version[POLICY_VERSION_SIZE], remote[REMOTE_SIZE];
    if (!read_version(request, version))
        return;
    struct live_precondition precondition = precondition_of(request);
    struct change_author author = author_of(request, "rollback", remote);
    struct live_change change = {0};
    struct error err = {0};
    enum live_verdict verdict = live_rollback(service, name, version[0] != '\0' ? version : NULL,
                                              &precondition, &author, &change, &err);
    if (verdict == LIVE_DONE)
        answer_changed(service, request, name, &change);
    else if (verdict == LIVE_FAULTY)
        http_refuse(request, PROBLEM_INVALID_POLICY, "%s; what was live goes on", err.text);
    else
        policy_refuse(request, verdict, NULL, &err);
    live_change_free(&change);
}

void policies_rollback(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->changes, rollback);
}
