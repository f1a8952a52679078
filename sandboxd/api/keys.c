// SPDX-License-Identifier: Apache-2.0
// POST, GET /v1/tenants/{id}/keys and DELETE /v1/tenants/{id}/keys/{key_id}; the same below /v1/keys for the
// keys of admins.
#include "base/clock.h"
#include "sandboxd/api/account_answer.h"
#include "sandboxd/api/answers.h"
#include "sandboxd/api/body.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/store/key_rows.h"

#include <sodium.h>
#include <string.h>

// "" on the routes of admins' keys, which have no tenant in their path.
static const char *tenant_of(const struct http_request *request)
{
    return request->match.route->access == ACCESS_OWN_TENANT ? http_parameter(request, 0).data : "";
}

static const char *role_of(const char *tenant)
{
    return tenant[0] != '\0' ? "tenant" : "admin";
}

static json_t *time_or_null(int64_t unix_ms)
{
    return unix_ms != 0 ? json_time(unix_ms) : json_null();
}

static void answer_made(struct http_request *request, const struct key_wish *wish, const struct api_key *key,
                        const char *text)
{
    json_t *body = json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:n}", "id", key->id, "key", text, "tenant",
                             json_text_or_null(wish->tenant), "role", role_of(wish->tenant), "name",
                             wish->name, "created_at", json_time(clock_unix_ms()), "expires_at",
                             time_or_null(wish->expires_ms), "last_used_at");
    answer_json(request, 201, body);
    http_add_header(request, "Location", "%s/%s", request->path, key->id);
}

static void create(struct service *service, struct http_request *request)
{
    char name[101], expires[CLOCK_TEXT_SIZE + 8], remote[REMOTE_SIZE], text[API_KEY_SIZE];
    const struct body_member members[] = {{"name", name, sizeof(name), .may_be_empty = true},
                                          {"expires_at", expires, sizeof(expires)}};
    struct key_wish wish = {.tenant = tenant_of(request), .name = name};
    if (!body_read(request, members, sizeof(members) / sizeof(members[0])) ||
        !body_time(request, "expires_at", expires, &wish.expires_ms))
        return;
    struct account_author author = account_author_of(request, remote);
    struct api_key key;
    struct error err;
    if (wish.expires_ms != 0 && wish.expires_ms <= clock_unix_ms())
        http_refuse(request, PROBLEM_INVALID_REQUEST, "expires_at is in the past");
    else if (accounts_make_key(service->accounts, &wish, &author, &key, text, &err))
        answer_made(request, &wish, &key, text);
    else if (err.kind == ERROR_LIMIT)
        http_refuse(request, PROBLEM_TOO_MANY_KEYS, "%s", err.text);
    else
        account_refuse(request, &err);
    sodium_memzero(text, sizeof(text));
}

struct listing {
    struct accounts *accounts;
    const char *tenant;
    json_t *items;
};

static bool put_key(void *listing_, const struct key_row *row)
{
    struct listing *listing = listing_;
    // The store is told of uses once in a while; to ask is no reason to make it write.
    int64_t used_ms = accounts_key_used_ms(listing->accounts, row->id);
    if (used_ms < row->last_used_ms)
        used_ms = row->last_used_ms;
    return json_array_append_new(listing->items,
                                 json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o}", "id", row->id, "tenant",
                                           json_text_or_null(row->tenant), "role", row->role, "name",
                                           row->name, "created_at", json_time(row->created_ms), "expires_at",
                                           time_or_null(row->expires_ms), "last_used_at",
                                           time_or_null(used_ms))) == 0;
}

static bool read_keys(struct database *db, void *listing_, struct error *err)
{
    struct listing *listing = listing_;
    return keys_read(db, listing->tenant, put_key, listing, err);
}

static void list(struct service *service, struct http_request *request)
{
    struct listing listing = {.accounts = service->accounts, .tenant = tenant_of(request)};
    struct error err;
    if (listing.tenant[0] != '\0' && !accounts_know_tenant(service->accounts, listing.tenant)) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant \"%s\"", listing.tenant);
        return;
    }
    listing.items = json_array();
    if (store_read(service->store, read_keys, &listing, &err)) {
        answer_page(request, listing.items, NULL);
    } else {
        json_decref(listing.items);
        answer_store_failed(request, &err);
    }
}

static void revoke(struct service *service, struct http_request *request)
{
    const char *tenant = tenant_of(request);
    const char *id = http_parameter(request, tenant[0] != '\0' ? 1 : 0).data;
    char remote[REMOTE_SIZE];
    struct account_author author = account_author_of(request, remote);
    struct error err;
    bool stored;
    if (!accounts_revoke_key(service->accounts, tenant, id, &author, &stored, &err)) {
        account_refuse(request, &err);
        return;
    }
    limits_forget(service->limits, tenant, id);
    if (stored)
        answer_nothing(request);
    else
        answer_not_stored(service, request, &err);
}

void keys_create(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, create);
}

void keys_list(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}

void keys_revoke(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, revoke);
}
