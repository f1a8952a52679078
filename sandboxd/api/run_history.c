// SPDX-License-Identifier: Apache-2.0
// GET /v1/runs, and one run by its id: GET and DELETE /v1/runs/{id}. What has ended is in the history.
#include "base/json_write.h"
#include "base/uuid.h"
#include "sandboxd/api/answer_json.h"
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

static bool read_list(struct database *db, void *listing_, struct error *err)
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
        answer_store_failed(request, &err);
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

static bool trace_valid(struct http_request *request, const char *trace)
{
    if (trace[0] == '\0' || (strlen(trace) == 32 && strspn(trace, "0123456789abcdef") == 32))
        return true;
    http_refuse(
        request, PROBLEM_INVALID_REQUEST,
        "the query parameter \"trace_id\" must be the 32 lower-case hexadecimal digits of a trace's id");
    return false;
}

static const char *given(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void list(struct service *service, struct http_request *request)
{
    char tenant[65], plugin[129], status[32], policy[POLICY_NAME_MAX + 1], since[40], until[40], limit[16],
        cursor[40], trace[33];
    const struct query_field fields[] = {
        {"tenant", tenant, sizeof(tenant)}, {"plugin", plugin, sizeof(plugin)},
        {"status", status, sizeof(status)}, {"policy", policy, sizeof(policy)},
        {"trace_id", trace, sizeof(trace)}, {"since", since, sizeof(since)},
        {"until", until, sizeof(until)},    {"limit", limit, sizeof(limit)},
        {"cursor", cursor, sizeof(cursor)}};
    struct listing listing = {0};
    struct run_filter *filter = &listing.filter;
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) || !status_known(request, status) ||
        !query_limit(request, limit, DEFAULT_LIMIT, &filter->limit) || !cursor_valid(request, cursor) ||
        !trace_valid(request, trace) || !query_time(request, "since", since, &filter->since_ms) ||
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
    filter->trace_id = given(trace);
    filter->below = given(cursor);
    answer_list(service, request, &listing);
}

void runs_list_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}

static const char never_was[] = "there is no run of this id, or it is no longer in the history";

struct one {
    const char *id;
    struct run_record record;
};

static bool read_one(struct database *db, void *one_, struct error *err)
{
    struct one *one = one_;
    return run_get(db, one->id, &one->record, err);
}

// The run of the request's path, as far as its identity may see it. False: the request is answered.
static bool find_one(struct service *service, struct http_request *request, struct run_record *ret_record)
{
    struct one one = {.id = http_parameter(request, 0).data};
    struct error err;
    bool found = store_read(service->store, read_one, &one, &err);
    if (!found && err.kind != ERROR_NOT_FOUND) {
        answer_store_failed(request, &err);
        return false;
    }
    if (!found || !identity_may(&request->identity, one.record.tenant)) {
        http_refuse(request, PROBLEM_NOT_FOUND, never_was);
        return false;
    }
    *ret_record = one.record;
    return true;
}

static void get(struct service *service, struct http_request *request)
{
    struct run_record record;
    if (!find_one(service, request, &record))
        return;
    struct buffer body = buffer_make(64 << 10);
    run_record_put(&body, &record);
    http_answer(request, 200, "application/json", &body);
}

static void answer_state(struct http_request *request, unsigned status, const char *state)
{
    struct buffer body = buffer_make(256);
    buffer_printf(&body, "{\"id\":\"%s\",\"status\":\"%s\"}", http_parameter(request, 0).data, state);
    http_answer(request, status, "application/json", &body);
}

void runs_get(void *app, struct http_request *request)
{
    struct service *service = app;
    struct bytes id = http_parameter(request, 0);
    if (!uuid_text_valid(id.data, id.length))
        http_refuse(request, PROBLEM_NOT_FOUND, never_was);
    else if (run_registry_find(service->runs, id.data, &request->identity) == RUN_RUNNING)
        answer_state(request, 200, "running");
    else
        answer_later(service, request, service->queries, get);
}

static void refuse_to_cancel(struct http_request *request)
{
    http_refuse(request, PROBLEM_RUN_ENDED, "the run has ended; there is nothing to cancel");
}

// It ended long ago, or before this service started; or it never was.
static void look_back(struct service *service, struct http_request *request)
{
    struct run_record record;
    if (find_one(service, request, &record))
        refuse_to_cancel(request);
}

void runs_cancel(void *app, struct http_request *request)
{
    struct service *service = app;
    struct bytes id = http_parameter(request, 0);
    bool valid = uuid_text_valid(id.data, id.length);
    enum run_presence presence =
        valid ? run_registry_find(service->runs, id.data, &request->identity) : RUN_UNKNOWN;
    if (!valid)
        http_refuse(request, PROBLEM_NOT_FOUND, never_was);
    else if (presence == RUN_UNKNOWN)
        answer_later(service, request, service->queries, look_back);
    // It may have ended just now: then the engine does not know it any more.
    else if (presence == RUN_RUNNING && engine_cancel(service->engine, id.data))
        answer_state(request, 202, "cancelling");
    else
        refuse_to_cancel(request);
}
