// SPDX-License-Identifier: Apache-2.0
// GET /v1/plugins, GET /v1/plugins/{ns}/{name} and GET .../versions/{version}. Everybody with a key sees
// every plugin; the sources only who may publish there.
#include "policies/json_text.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/plugin_answer.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/store/plugin_rows.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_LIMIT = 50 };

struct listing {
    struct service *service;
    const char *tenant;
    const char *space, *after;
    unsigned limit, count;
    char last[PLUGIN_FULL_NAME_SIZE];
    json_t *items;
};

// What a tenant has installed: the range and the version that it means now.
static json_t *installed_body(struct service *service, const char *tenant, const char *plugin)
{
    char range[RANGE_TEXT_MAX + 1];
    struct plugin_pick pick;
    if (!registry_installed(service->registry, tenant, plugin, range))
        return json_null();
    bool found = registry_resolve(service->registry, tenant, plugin, NULL, &pick, NULL);
    return json_pack("{s:s, s:o}", "range", range, "version", json_text_or_null(found ? pick.version : NULL));
}

static json_t *latest_body(struct service *service, const char *plugin)
{
    struct plugin_pick pick;
    bool found = registry_resolve(service->registry, NULL, plugin, NULL, &pick, NULL);
    return json_text_or_null(found ? pick.version : NULL);
}

static bool take_first(void *text_, const struct version_facts *facts)
{
    json_t **text = text_;
    *text = json_string(facts->version);
    return false;
}

static void put_description(void *item, const char *version, const char *description)
{
    (void)version;
    json_object_set_new(item, "description", json_text_or_null(description));
}

// What each is, in the words of its latest version; of the highest, where all are yanked.
static bool describe_items(struct database *db, const struct listing *listing, struct error *err)
{
    size_t i;
    json_t *item;
    bool good = true;
    json_array_foreach(listing->items, i, item)
    {
        const char *plugin = json_string_value(json_object_get(item, "name"));
        json_t *version = json_incref(json_object_get(item, "latest"));
        if (json_is_null(version))
            registry_describe(listing->service->registry, plugin, take_first, &version);
        good = good &&
               plugin_descriptions_read(db, plugin, json_string_value(version), put_description, item, err);
        json_decref(version);
    }
    return good;
}

static void put_item(void *listing_, const char *plugin)
{
    struct listing *listing = listing_;
    struct service *service = listing->service;
    if (++listing->count > listing->limit)
        return;
    snprintf(listing->last, sizeof listing->last, "%s", plugin);
    json_array_append_new(listing->items, json_pack("{s:s, s:o, s:n, s:o}", "name", plugin, "latest",
                                                    latest_body(service, plugin), "description", "installed",
                                                    installed_body(service, listing->tenant, plugin)));
}

static bool read_list(struct database *db, void *listing_, struct error *err)
{
    struct listing *listing = listing_;
    return plugin_names_read(db, listing->space, listing->after, listing->limit + 1, put_item, listing,
                             err) &&
           describe_items(db, listing, err);
}

static void list(struct service *service, struct http_request *request)
{
    char space[NAMESPACE_MAX + 1], limit[16], cursor[PLUGIN_FULL_NAME_SIZE];
    const struct query_field fields[] = {{"namespace", space, sizeof(space)},
                                         {"limit", limit, sizeof(limit)},
                                         {"cursor", cursor, sizeof(cursor)}};
    struct listing listing = {.service = service, .tenant = request->identity.tenant, .after = cursor};
    struct error err;
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) ||
        !query_limit(request, limit, DEFAULT_LIMIT, &listing.limit))
        return;
    listing.space = space[0] != '\0' ? space : NULL;
    listing.items = json_array();
    if (!store_read(service->store, read_list, &listing, &err)) {
        json_decref(listing.items);
        answer_store_failed(request, &err);
        return;
    }
    answer_page(request, listing.items, listing.count > listing.limit ? listing.last : NULL);
}

void plugins_list(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, list);
}

// Its description is for the caller to fill in.
static json_t *facts_body(const struct version_facts *facts)
{
    return json_pack("{s:s, s:s, s:I, s:o, s:b, s:o, s:n}", "version", facts->version, "sha256",
                     facts->sha256, "code_bytes", (json_int_t)facts->code_bytes, "published_at",
                     json_time(facts->published_ms), "yanked", facts->yanked_ms != 0, "yanked_at",
                     facts->yanked_ms != 0 ? json_time(facts->yanked_ms) : json_null(), "description");
}

// A page of a plugin's versions, the highest first.
struct version_page {
    char cursor[VERSION_TEXT_MAX + 1]; // the last one of the page before; "": from the first
    struct semver after;               // of `cursor`
    unsigned limit;
    json_t *versions;
    const char *last, *next; // in the array
};

static bool put_version(void *page_, const struct version_facts *facts)
{
    struct version_page *page = page_;
    struct semver version;
    if (page->cursor[0] != '\0' && (!semver_parse(bytes_of_text(facts->version), &version, NULL) ||
                                    semver_compare(&version, &page->after) >= 0))
        return true;
    if (json_array_size(page->versions) == page->limit) {
        page->next = page->last;
        return false;
    }
    json_t *body = facts_body(facts);
    json_array_append_new(page->versions, body);
    page->last = json_string_value(json_object_get(body, "version"));
    return true;
}

static bool read_page(struct http_request *request, struct version_page *ret_page)
{
    char limit[16];
    char *cursor = ret_page->cursor;
    const struct query_field fields[] = {{"limit", limit, sizeof(limit)},
                                         {"cursor", cursor, sizeof(ret_page->cursor)}};
    struct error err;
    *ret_page = (struct version_page){.limit = VERSIONS_PER_PLUGIN_MAX};
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) ||
        !query_limit(request, limit, VERSIONS_PER_PLUGIN_MAX, &ret_page->limit))
        return false;
    if (cursor[0] == '\0' || semver_parse(bytes_of_text(cursor), &ret_page->after, &err))
        return true;
    http_refuse(request, PROBLEM_INVALID_REQUEST, "cursor: %s", err.text);
    return false;
}

// The descriptions of a page's versions.
struct described {
    const char *plugin;
    json_t *by_version; // the items of the page
};

static void take_description(void *described_, const char *version, const char *description)
{
    struct described *described = described_;
    json_t *item = json_object_get(described->by_version, version);
    if (item != NULL)
        json_object_set_new(item, "description", json_text_or_null(description));
}

static bool read_descriptions(struct database *db, void *described_, struct error *err)
{
    struct described *described = described_;
    return plugin_descriptions_read(db, described->plugin, NULL, take_description, described, err);
}

static bool describe_page(struct service *service, const char *plugin, json_t *versions, struct error *err)
{
    size_t i;
    json_t *item;
    struct described described = {.plugin = plugin, .by_version = json_object()};
    json_array_foreach(versions, i, item)
        json_object_set(described.by_version, json_string_value(json_object_get(item, "version")), item);
    bool good = store_read(service->store, read_descriptions, &described, err);
    json_decref(described.by_version);
    return good;
}

static void get(struct service *service, struct http_request *request)
{
    struct error err;
    char plugin[PLUGIN_FULL_NAME_SIZE], owner[TENANT_ID_SIZE] = "";
    struct version_page page;
    if (!plugin_of_path(request, 0, plugin) || !read_page(request, &page))
        return;
    page.versions = json_array();
    if (!registry_describe(service->registry, plugin, put_version, &page)) {
        json_decref(page.versions);
        http_refuse(request, PROBLEM_NOT_FOUND,
                    "there is no plugin of this name; GET /v1/plugins lists them");
        return;
    }
    if (!describe_page(service, plugin, page.versions, &err)) {
        json_decref(page.versions);
        answer_store_failed(request, &err);
        return;
    }
    registry_owner(service->registry, http_parameter(request, 0), owner);
    answer_json(request, 200,
                json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "name", plugin, "owner", json_text_or_null(owner),
                          "latest", latest_body(service, plugin), "installed",
                          installed_body(service, request->identity.tenant, plugin), "versions",
                          page.versions, "next_cursor", json_text_or_null(page.next)));
}

void plugins_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, get);
}

struct finding {
    const char *version;
    bool found;
    json_t *body; // NULL though found: no memory
};

static bool find_version(void *finding_, const struct version_facts *facts)
{
    struct finding *finding = finding_;
    if (strcmp(finding->version, facts->version) != 0)
        return true;
    finding->found = true;
    finding->body = facts_body(facts);
    return false;
}

static json_t *modules_body(const struct package *package, bool with_code)
{
    json_t *modules = json_array();
    for (unsigned i = 0; i < package->module_count; i++) {
        const struct package_module *module = &package->modules[i];
        json_t *item = json_pack("{s:s, s:I}", "name", module->name, "bytes", (json_int_t)module->length);
        if (with_code)
            json_object_set_new(item, "code", json_stringn(module->code, module->length));
        json_array_append_new(modules, item);
    }
    return modules;
}

static void get_version(struct service *service, struct http_request *request)
{
    char plugin[PLUGIN_FULL_NAME_SIZE];
    struct error err;
    if (!plugin_of_path(request, 0, plugin))
        return;
    struct finding finding = {.version = http_parameter(request, 2).data};
    registry_describe(service->registry, plugin, find_version, &finding);
    if (!finding.found) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no such version; GET /v1/plugins/%s lists them",
                    plugin);
        return;
    }
    if (finding.body == NULL) {
        answer_json(request, 200, NULL);
        return;
    }
    struct plugin_pick pick = {.plugin = ""};
    snprintf(pick.sha256, sizeof pick.sha256, "%s",
             json_string_value(json_object_get(finding.body, "sha256")));
    struct package *package = registry_load(service->registry, &pick, &err);
    if (package == NULL) {
        json_decref(finding.body);
        answer_store_failed(request, &err);
        return;
    }
    bool own = registry_may_publish(service->registry, &request->identity, http_parameter(request, 0));
    json_object_set_new(finding.body, "name", json_string(plugin));
    put_description(finding.body, NULL, package->manifest.description);
    json_object_set_new(
        finding.body, "manifest",
        json_read(bytes_of_text(package->manifest_text), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL));
    json_object_set_new(finding.body, "modules", modules_body(package, own));
    package_unref(package);
    answer_json(request, 200, finding.body);
}

void plugins_version(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, get_version);
}
