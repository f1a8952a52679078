// SPDX-License-Identifier: Apache-2.0
// What a tenant has installed: GET /v1/tenants/{id}/plugins, PUT and DELETE
// /v1/tenants/{id}/plugins/{ns}/{name}.
#include "sandboxd/api/account_answer.h"
#include "sandboxd/api/body.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/plugin_answer.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/store/plugin_rows.h"

#include <stdio.h>

enum { DEFAULT_LIMIT = 50 };

// Without a range: whatever is compatible with the latest version.
static bool choose_range(struct service *service, const char *plugin, char range[RANGE_TEXT_MAX + 1],
                         struct error *err)
{
    struct plugin_pick latest;
    if (range[0] != '\0')
        return true;
    if (!registry_resolve(service->registry, NULL, plugin, NULL, &latest, err))
        return false;
    snprintf(range, RANGE_TEXT_MAX + 1, "^%s", latest.version);
    return true;
}

static void install(struct service *service, struct http_request *request)
{
    char plugin[PLUGIN_FULL_NAME_SIZE], range[RANGE_TEXT_MAX + 1], remote[REMOTE_SIZE];
    const char *tenant = http_parameter(request, 0).data;
    const struct body_member members[] = {{"version", range, sizeof(range)}};
    struct registry_author author = registry_author_of(request, remote);
    struct plugin_pick pick;
    struct error err;
    if (!plugin_of_path(request, 1, plugin) || !body_read(request, members, 1))
        return;
    if (!accounts_know_tenant(service->accounts, tenant))
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant of this id");
    else if (!choose_range(service, plugin, range, &err) ||
             !registry_install(service->registry, tenant, plugin, range, &author, &pick, &err))
        registry_refuse(request, &err);
    else
        answer_json(request, 200,
                    json_pack("{s:s, s:s, s:s, s:s}", "tenant", tenant, "name", plugin, "range", range,
                              "version", pick.version));
}

void installs_put(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->changes, install);
}

static void uninstall(struct service *service, struct http_request *request)
{
    char plugin[PLUGIN_FULL_NAME_SIZE], remote[REMOTE_SIZE];
    struct registry_author author = registry_author_of(request, remote);
    struct error err;
    if (!plugin_of_path(request, 1, plugin))
        return;
    if (registry_uninstall(service->registry, http_parameter(request, 0).data, plugin, &author, &err))
        answer_nothing(request);
    else
        registry_refuse(request, &err);
}

void installs_delete(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->changes, uninstall);
}

struct listing {
    struct service *service;
    const char *tenant, *after;
    unsigned limit, count;
    char last[PLUGIN_FULL_NAME_SIZE];
    json_t *items;
};

static bool put_item(void *listing_, const struct install_row *row)
{
    struct listing *listing = listing_;
    if (++listing->count > listing->limit)
        return true;
    struct plugin_pick pick;
    bool found = registry_resolve(listing->service->registry, NULL, row->plugin, row->range, &pick, NULL);
    snprintf(listing->last, sizeof(listing->last), "%s", row->plugin);
    json_t *item = json_pack("{s:s, s:s, s:o, s:o}", "name", row->plugin, "range", row->range, "version",
                             json_text_or_null(found ? pick.version : NULL), "installed_at",
                             json_time(row->installed_ms));
    return json_array_append_new(listing->items, item) == 0;
}

static bool read_list(struct database *db, void *listing_, struct error *err)
{
    struct listing *listing = listing_;
    return installs_of_tenant_read(db, listing->tenant, listing->after, listing->limit + 1, put_item, listing,
                                   err);
}

static void list(struct service *service, struct http_request *request)
{
    char limit[16], cursor[PLUGIN_FULL_NAME_SIZE];
    const struct query_field fields[] = {{"limit", limit, sizeof(limit)}, {"cursor", cursor, sizeof(cursor)}};
    struct listing listing = {.service = service, .tenant = http_parameter(request, 0).data, .after = cursor};
    struct error err;
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) ||
        !query_limit(request, limit, DEFAULT_LIMIT, &listing.limit))
        return;
    if (!accounts_know_tenant(service->accounts, listing.tenant)) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant of this id");
        return;
    }
    listing.items = json_array();
    if (!store_read(service->store, read_list, &listing, &err)) {
        json_decref(listing.items);
        answer_store_failed(request, &err);
        return;
    }
    answer_page(request, listing.items, listing.count > listing.limit ? listing.last : NULL);
}

void installs_list(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}
