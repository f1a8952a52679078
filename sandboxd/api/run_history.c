// SPDX-License-Identifier: Apache-2.0
// GET /v1/runs and GET /v1/runs/{id}: what is kept of runs.
#include "base/json_write.h"
#include "base/uuid.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/store/run_rows.h"

#include <string.h>

enum { DEFAULT_LIMIT = 50, LIST_SIZE_MAX = 8 << 20 };

struct listing {
    struct run_filter filter;
    struct buffer body;
    unsigned count;
    char last[RUN_ID_SIZE + 1];
};

static void put_run(void *listing_, const struct run_record *record)
{
    struct listing *listing = listing_;
    // One more than asked for is read, to know whether there is another page.
    if (++listing->count >= listing->filter.limit)
        return;
    if (listing->count > 1)
        buffer_append_byte(&listing->body, ',');
    run_record_put(&listing->body, record);
    memcpy(listing->last, record->id, sizeof(listing->last));
}

static bool read_list(struct sqlite3 *db, void *listing_, struct error *err)
{
    struct listing *listing = listing_;
    return runs_list(db, &listing->filter, put_run, listing, err);
}

static void answer_list(struct service *service, struct http_request *request, struct listing *listing)
{
    struct error err;
    listing->filter.limit++;
    listing->body = buffer_make(LIST_SIZE_MAX);
    buffer_append_text(&listing->body, "{\"items\":[");
    if (!store_read(service->store, read_list, listing, &err)) {
        buffer_free(&listing->body);
        http_refuse(request, PROBLEM_STORE_FAILED, "%s", err.text);
        return;
    }
    bool more = listing->count >= listing->filter.limit;
    buffer_append_text(&listing->body, "],\"next_cursor\":");
    if (more)
        json_put_text(&listing->body, listing->last);
    else
        buffer_append_text(&listing->body, "null");
    buffer_append_byte(&listing->body, '}');
    http_answer(request, 200, "application/json", &listing->body);
}

static bool status_known(struct http_request *request, const char *status)
{
    enum outcome outcome;
    if (status[0] == '\0' || outcome_by_name(status, &outcome))
        return true;
    http_refuse(request, PROBLEM_INVALID_REQUEST,
                "the query parameter \"status\" must be a status of a run, such as \"cpu_limit\"");
    return false;
}

static bool cursor_valid(struct http_request *request, const char *cursor)
{
    if (cursor[0] == '\0' || uuid_text_valid(cursor, strlen(cursor)))
        return true;
    http_refuse(request, PROBLEM_INVALID_REQUEST,
                "the query parameter \"cursor\" must be the \"next_cursor\" of an earlier answer");
    return false;
}

static const char *given(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void list(struct service *service, struct http_request *request)
{
    char tenant[65], plugin[129], status[32], policy[POLICY_NAME_MAX + 1], since[40], until[40], limit[16],
        cursor[40];
    const struct query_field fields[] = {
        {"tenant", tenant, sizeof(tenant)}, {"plugin", plugin, sizeof(plugin)},
        {"status", status, sizeof(status)}, {"policy", policy, sizeof(policy)},
        {"since", since, sizeof(since)},    {"until", until, sizeof(until)},
        {"limit", limit, sizeof(limit)},    {"cursor", cursor, sizeof(cursor)}};
    struct listing listing = {0};
    struct run_filter *filter = &listing.filter;
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) || !status_known(request, status) ||
        !query_limit(request, limit, DEFAULT_LIMIT, &filter->limit) || !cursor_valid(request, cursor) ||
        !query_time(request, "since", since, &filter->since_ms) ||
        !query_time(request, "until", until, &filter->until_ms))
        return;
    if (tenant[0] != '\0' && !identity_may(&request->identity, tenant)) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant of this id");
        return;
    }
    // A tenant sees its own runs, whether it asks for them or for all.
    filter->tenant = request->identity.role == ROLE_ADMIN ? given(tenant) : request->identity.tenant;
    filter->plugin = given(plugin);
    filter->policy = given(policy);
    filter->status = given(status);
    filter->below = given(cursor);
    answer_list(service, request, &listing);
}

void runs_list_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}

struct one {
    const char *id;
    struct run_record record;
};

static bool read_one(struct sqlite3 *db, void *one_, struct error *err)
{
    struct one *one = one_;
    return run_get(db, one->id, &one->record, err);
}

static void get(struct service *service, struct http_request *request)
{
    struct one one = {.id = http_parameter(request, 0).data};
    struct error err;
    bool found = store_read(service->store, read_one, &one, &err);
    if (found && !identity_may(&request->identity, one.record.tenant)) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no run of this id in the history");
    } else if (found) {
        struct buffer body = buffer_make(64 << 10);
        run_record_put(&body, &one.record);
        http_answer(request, 200, "application/json", &body);
    } else if (err.kind == ERROR_NOT_FOUND) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no run of this id in the history");
    } else {
        http_refuse(request, PROBLEM_STORE_FAILED, "%s", err.text);
    }
}

void runs_get(void *app, struct http_request *request)
{
    struct service *service = app;
    struct bytes id = http_parameter(request, 0);
    if (!uuid_text_valid(id.data, id.length)) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no run of this id");
        return;
    }
    if (run_registry_find(service->runs, id.data, &request->identity) == RUN_RUNNING) {
        struct buffer body = buffer_make(256);
        buffer_printf(&body, "{\"id\":\"%s\",\"status\":\"running\"}", id.data);
        http_answer(request, 200, "application/json", &body);
        return;
    }
    answer_later(service, request, service->queries, get);
}
