// SPDX-License-Identifier: Apache-2.0
// POST, GET /v1/tenants and GET, PATCH, DELETE /v1/tenants/{id}.
#include "base/clock.h"
#include "base/uuid.h"
#include "sandboxd/api/account_answer.h"
#include "sandboxd/api/answers.h"
#include "sandboxd/api/body.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_LIMIT = 50, NAME_SIZE = 201 };

static json_t *tenant_body(const struct tenant_row *row)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "id", row->id, "name", row->name, "plan",
                     row->plan, "suspended", row->suspended != NULL, "suspended_reason",
                     json_text_or_null(row->suspended), "created_at", json_time(row->created_ms),
                     "changed_at", json_time(row->changed_ms));
}

static bool take_one(void *body, const struct tenant_row *row)
{
    *(json_t **)body = tenant_body(row);
    return true;
}

struct reading {
    const char *id;
    json_t *body;
};

static bool read_one(struct database *db, void *reading_, struct error *err)
{
    struct reading *reading = reading_;
    return tenant_read(db, reading->id, take_one, &reading->body, err);
}

static void answer_tenant(struct service *service, struct http_request *request, unsigned status,
                          const char *id)
{
    struct reading reading = {.id = id};
    struct error err;
    if (store_read(service->store, read_one, &reading, &err))
        answer_json(request, status, reading.body);
    else
        account_refuse(request, &err);
}

static bool name_good(struct http_request *request, const char *pointer, const char *name)
{
    if (account_name_valid(bytes_of_text(name)))
        return true;
    struct diagnostics faults;
    diagnostics_init(&faults);
    diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, pointer,
                    "expected a lower-case letter or digit, then up to 62 of these, '-' and '_'");
    answer_invalid_request(request, &faults);
    diagnostics_free(&faults);
    return false;
}

static void create(struct service *service, struct http_request *request)
{
    char id[TENANT_ID_SIZE], name[NAME_SIZE], plan[PLAN_NAME_SIZE], remote[REMOTE_SIZE];
    const struct body_member members[] = {
        {"id", id, sizeof(id)}, {"name", name, sizeof(name)}, {"plan", plan, sizeof(plan)}};
    if (!body_read(request, members, sizeof(members) / sizeof(members[0])))
        return;
    if (id[0] == '\0')
        uuid_v7(id);
    if (!name_good(request, "/id", id))
        return;
    int64_t now_ms = clock_unix_ms();
    struct tenant_row row = {.id = id,
                             .name = name[0] != '\0' ? name : id,
                             .plan = plan[0] != '\0' ? plan : "free",
                             .created_ms = now_ms,
                             .changed_ms = now_ms};
    struct account_author author = account_author_of(request, remote);
    struct error err;
    if (!accounts_add_tenant(service->accounts, &row, &author, &err)) {
        account_refuse(request, &err);
        return;
    }
    answer_json(request, 201, tenant_body(&row));
    http_add_header(request, "Location", "/v1/tenants/%s", id);
}

static void change(struct service *service, struct http_request *request)
{
    char name[NAME_SIZE], reason[SUSPENSION_SIZE], remote[REMOTE_SIZE];
    bool reason_given;
    const struct body_member members[] = {
        {"name", name, sizeof(name)}, {"suspended_reason", reason, sizeof(reason), .given = &reason_given}};
    if (!body_read(request, members, sizeof(members) / sizeof(members[0])))
        return;
    const char *id = http_parameter(request, 0).data;
    struct tenant_change wanted = {.name = name[0] != '\0' ? name : NULL,
                                   .suspended = reason_given ? reason : NULL};
    struct account_author author = account_author_of(request, remote);
    struct error err;
    bool stored;
    if (!accounts_change_tenant(service->accounts, id, &wanted, &author, &stored, &err))
        account_refuse(request, &err);
    else if (stored)
        answer_tenant(service, request, 200, id);
    else
        answer_not_stored(service, request, &err);
}

static void drop(struct service *service, struct http_request *request)
{
    char remote[REMOTE_SIZE];
    struct account_author author = account_author_of(request, remote);
    const char *id = http_parameter(request, 0).data;
    struct error err;
    if (!accounts_delete_tenant(service->accounts, id, &author, &err)) {
        account_refuse(request, &err);
        return;
    }
    limits_forget(service->limits, id, "");
    answer_nothing(request);
}

static void get(struct service *service, struct http_request *request)
{
    answer_tenant(service, request, 200, http_parameter(request, 0).data);
}

struct listing {
    const char *after;
    unsigned limit, count;
    char last[TENANT_ID_SIZE];
    json_t *items;
};

static bool put_tenant(void *listing_, const struct tenant_row *row)
{
    struct listing *listing = listing_;
    if (++listing->count > listing->limit)
        return true;
    snprintf(listing->last, sizeof(listing->last), "%s", row->id);
    return json_array_append_new(listing->items, tenant_body(row)) == 0;
}

static bool read_list(struct database *db, void *listing_, struct error *err)
{
    struct listing *listing = listing_;
    return tenants_read(db, listing->after, listing->limit + 1, put_tenant, listing, err);
}

static void list(struct service *service, struct http_request *request)
{
    char limit[16], cursor[TENANT_ID_SIZE];
    const struct query_field fields[] = {{"limit", limit, sizeof(limit)}, {"cursor", cursor, sizeof(cursor)}};
    struct listing listing = {.after = cursor};
    struct error err;
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) ||
        !query_limit(request, limit, DEFAULT_LIMIT, &listing.limit))
        return;
    listing.items = json_array();
    if (!store_read(service->store, read_list, &listing, &err)) {
        json_decref(listing.items);
        answer_store_failed(request, &err);
        return;
    }
    answer_page(request, listing.items, listing.count > listing.limit ? listing.last : NULL);
}

void tenants_create(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, create);
}

void tenants_list(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}

void tenants_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, get);
}

void tenants_change(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, change);
}

void tenants_delete(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, drop);
}
