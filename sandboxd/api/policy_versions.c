// SPDX-License-Identifier: Apache-2.0
// GET /v1/policies/{name}/versions: every version that was ever live, the newest first.
#include "sandboxd/api/answer_json.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/store/policy_rows.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_LIMIT = 50 };

struct listing {
    const char *name;
    const char *live; // version; NULL: the policy is gone
    int64_t below;
    unsigned limit, count;
    int64_t last;
    bool live_told; // only the newest row of that version is live
    json_t *items;
};

static void put_row(void *listing_, const struct version_row *row)
{
    struct listing *listing = listing_;
    if (++listing->count > listing->limit)
        return;
    bool live = !listing->live_told && listing->below == 0 && listing->live != NULL &&
                strcmp(listing->live, row->version) == 0;
    listing->live_told |= live;
    listing->last = row->serial;
    json_array_append_new(listing->items,
                          json_pack("{s:s, s:b, s:o, s:s, s:s}", "version", row->version, "live", (int)live,
                                    "at", json_time(row->at_ms), "actor", row->actor, "reason", row->reason));
}

static bool read_list(struct database *db, void *listing_, struct error *err)
{
    struct listing *listing = listing_;
    return versions_list(db, listing->name, listing->below, listing->limit + 1, put_row, listing, err);
}

static void answer(struct service *service, struct http_request *request, struct listing *listing)
{
    struct error err;
    listing->items = json_array();
    if (!store_read(service->store, read_list, listing, &err)) {
        json_decref(listing->items);
        answer_store_failed(request, &err);
        return;
    }
    if (listing->count == 0 && listing->live == NULL) {
        json_decref(listing->items);
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no policy of this name, and there never was one");
        return;
    }
    char next[24];
    snprintf(next, sizeof(next), "%lld", (long long)listing->last);
    answer_page(request, listing->items, listing->count > listing->limit ? next : NULL);
}

static void list(struct service *service, struct http_request *request)
{
    char limit[16], cursor[24];
    const struct query_field fields[] = {{"limit", limit, sizeof(limit)}, {"cursor", cursor, sizeof(cursor)}};
    struct listing listing = {.name = http_parameter(request, 0).data};
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) ||
        !query_limit(request, limit, DEFAULT_LIMIT, &listing.limit) ||
        !query_cursor(request, cursor, &listing.below))
        return;
    struct policy *policy = live_policy(service, listing.name);
    listing.live = policy != NULL ? policy->version : NULL;
    answer(service, request, &listing);
    policy_unref(policy);
}

void policies_versions(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}
