// SPDX-License-Identifier: Apache-2.0
// GET /v1/plans, GET and PUT /v1/plans/{name}.
#include "policies/json_text.h"
#include "sandboxd/api/account_answer.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/policies/live.h"
#include "sandboxd/store/plan_rows.h"

#include <stdio.h>
#include <string.h>

struct reading {
    const char *name; // NULL: all
    json_t *items;
};

static bool put_plan(void *reading_, const struct plan_row *row)
{
    struct reading *reading = reading_;
    if (reading->name != NULL && strcmp(reading->name, row->name) != 0)
        return true;
    json_t *body = json_read(row->document, 0, NULL);
    return json_object_set_new(body, "name", json_string(row->name)) == 0 &&
           json_object_set_new(body, "changed_at", json_time(row->changed_ms)) == 0 &&
           json_array_append_new(reading->items, body) == 0;
}

static bool read_plans(struct database *db, void *reading, struct error *err)
{
    return plans_read(db, put_plan, reading, err);
}

// False: the request is answered.
static bool read_into(struct service *service, struct http_request *request, struct reading *reading)
{
    struct error err;
    reading->items = json_array();
    if (store_read(service->store, read_plans, reading, &err))
        return true;
    json_decref(reading->items);
    answer_store_failed(request, &err);
    return false;
}

static void list(struct service *service, struct http_request *request)
{
    struct reading reading = {.name = NULL};
    if (read_into(service, request, &reading))
        answer_page(request, reading.items, NULL);
}

static void answer_plan(struct service *service, struct http_request *request)
{
    struct reading reading = {.name = http_parameter(request, 0).data};
    if (!read_into(service, request, &reading))
        return;
    if (json_array_size(reading.items) == 1)
        answer_json(request, 200, json_incref(json_array_get(reading.items, 0)));
    else
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no plan of this name; GET /v1/plans lists them");
    json_decref(reading.items);
}

// A plan whose first policy is not there would refuse every run of its tenants. Policies change in the thread
// that this is called in, so what is there now is there until the plan is kept.
static bool policies_are_there(struct service *service, const char *name, struct bytes document,
                               struct diagnostics *faults)
{
    struct plan *plan = plan_read(name, document, faults);
    for (unsigned i = 0; plan != NULL && i < plan->policy_count; i++) {
        char pointer[32];
        struct policy *policy = live_policy(service, plan->policies[i]); // also one that cannot run here
        snprintf(pointer, sizeof pointer, "/policies/%u", i);
        if (policy == NULL)
            diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer,
                            "there is no policy \"%s\"; GET /v1/policies lists them, and a new one is made "
                            "before a plan names it",
                            plan->policies[i]);
        policy_unref(policy);
    }
    plan_unref(plan);
    return !diagnostics_any(faults);
}

static void put(struct service *service, struct http_request *request)
{
    struct bytes name = http_parameter(request, 0);
    struct bytes document = bytes_of(request->body.data, request->body.length);
    char remote[REMOTE_SIZE];
    struct account_author author = account_author_of(request, remote);
    struct diagnostics faults;
    struct error err;
    diagnostics_init(&faults);
    if (!account_name_valid(name))
        http_refuse(request, PROBLEM_INVALID_REQUEST,
                    "this is no name of a plan: expected a lower-case letter or digit, then up to 62 of "
                    "these, '-' and '_'");
    else if (document.length > PLAN_DOCUMENT_MAX)
        http_refuse(request, PROBLEM_BODY_TOO_LARGE, "a plan has at most %d bytes", PLAN_DOCUMENT_MAX);
    else if (policies_are_there(service, name.data, document, &faults) &&
             accounts_put_plan(service->accounts, name.data, document, &author, &faults, &err))
        answer_plan(service, request);
    else if (diagnostics_any(&faults))
        http_refuse_faults(request, PROBLEM_INVALID_PLAN, &faults,
                           "%zu fault%s, listed in errors; nothing was changed", faults.count,
                           faults.count == 1 ? "" : "s");
    else
        account_refuse(request, &err);
    diagnostics_free(&faults);
}

void plans_list(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}

void plans_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, answer_plan);
}

void plans_put(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->changes, put);
}
