// SPDX-License-Identifier: Apache-2.0
// GET and PUT /v1/tenants/{id}/subscription: which plan a tenant is under, and was.
#include "sandboxd/api/account_answer.h"
#include "sandboxd/api/body.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/routes.h"

enum { HISTORY_MAX = 100 };

struct reading {
    const char *tenant;
    json_t *current; // the plan's name
    json_t *since;
    json_t *history;
};

static bool put_subscription(void *reading_, const struct subscription_row *row)
{
    struct reading *reading = reading_;
    if (row->ended_ms == 0) {
        reading->current = json_string(row->plan);
        reading->since = json_time(row->started_ms);
        return true;
    }
    return json_array_append_new(reading->history, json_pack("{s:s, s:o, s:o}", "plan", row->plan, "since",
                                                             json_time(row->started_ms), "until",
                                                             json_time(row->ended_ms))) == 0;
}

static bool read_subscription(struct database *db, void *reading_, struct error *err)
{
    struct reading *reading = reading_;
    return subscriptions_read(db, reading->tenant, HISTORY_MAX, put_subscription, reading, err);
}

static void get(struct service *service, struct http_request *request)
{
    struct reading reading = {.tenant = http_parameter(request, 0).data};
    struct error err;
    if (!accounts_know_tenant(service->accounts, reading.tenant)) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant \"%s\"", reading.tenant);
        return;
    }
    reading.history = json_array();
    if (store_read(service->store, read_subscription, &reading, &err)) {
        answer_json(request, 200,
                    json_pack("{s:s, s:o, s:o, s:o}", "tenant", reading.tenant, "plan", reading.current,
                              "since", reading.since, "history", reading.history));
    } else {
        json_decref(reading.history);
        answer_store_failed(request, &err);
    }
}

static void put(struct service *service, struct http_request *request)
{
    char plan[PLAN_NAME_SIZE], remote[REMOTE_SIZE];
    const struct body_member members[] = {{"plan", plan, sizeof(plan), .required = true}};
    if (!body_read(request, members, 1))
        return;
    struct tenant_change change = {.plan = plan};
    struct account_author author = account_author_of(request, remote);
    struct error err;
    bool stored; // or refused: it suspends nobody
    if (accounts_change_tenant(service->accounts, http_parameter(request, 0).data, &change, &author, &stored,
                               &err))
        get(service, request);
    else
        account_refuse(request, &err);
}

void subscription_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, get);
}

void subscription_put(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, put);
}
