// SPDX-License-Identifier: Apache-2.0
// GET /v1/audit: who changed which policy, when, and what became different.
#include "policies/json_text.h"
#include "sandboxd/api/answer_json.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/store/policy_rows.h"

#include <stdio.h>

enum { DEFAULT_LIMIT = 50 };

struct listing {
    const char *target;
    int64_t below;
    unsigned limit;
    unsigned count;
    int64_t last;
    json_t *items;
};

static void put_row(void *listing_, const struct audit_row *row)
{
    struct listing *listing = listing_;
    if (++listing->count > listing->limit)
        return;
    listing->last = row->serial;
    json_t *item = json_pack(
        "{s:I, s:o, s:s, s:o, s:o, s:s, s:s, s:o, s:o, s:o}", "id", (json_int_t)row->serial, "at",
        json_time(row->at_ms), "actor", row->actor, "remote", json_text_or_null(row->remote), "request_id",
        json_text_or_null(row->request_id), "action", row->action, "target", row->target, "before",
        json_text_or_null(row->before_version), "after", json_text_or_null(row->after_version), "detail",
        json_read(bytes_of_text(row->detail), JSON_REJECT_DUPLICATES, NULL));
    json_array_append_new(listing->items, item);
}

static bool read_list(struct database *db, void *listing_, struct error *err)
{
    struct listing *listing = listing_;
    return audit_list(db, listing->target, listing->below, listing->limit + 1, put_row, listing, err);
}

static void list(struct service *service, struct http_request *request)
{
    char target[POLICY_NAME_MAX + 1], limit[16], cursor[24];
    const struct query_field fields[] = {{"target", target, sizeof(target)},
                                         {"limit", limit, sizeof(limit)},
                                         {"cursor", cursor, sizeof(cursor)}};
    struct listing listing = {0};
    struct error err;
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) ||
        !query_limit(request, limit, DEFAULT_LIMIT, &listing.limit) ||
        !query_cursor(request, cursor, &listing.below))
        return;
    listing.target = target[0] != '\0' ? target : NULL;
    listing.items = json_array();
    if (!store_read(service->store, read_list, &listing, &err)) {
        json_decref(listing.items);
        answer_store_failed(request, &err);
        return;
    }
    char next[24];
    snprintf(next, sizeof(next), "%lld", (long long)listing.last);
    answer_page(request, listing.items, listing.count > listing.limit ? next : NULL);
}

void audit_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}
