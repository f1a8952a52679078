// SPDX-License-Identifier: Apache-2.0
// PUT /v1/plugins/{ns}/{name}/versions/{version}: read, checked by a worker, kept. In a thread of its own,
// since a hostile source may take its worker's whole time. And DELETE of it, which yanks.
#include "sandboxd/api/account_answer.h"
#include "sandboxd/api/answers.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/plugin_answer.h"
#include "sandboxd/api/plugin_check.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/api/submission.h"

#include <stdio.h>
#include <string.h>

// What is published, and as what.
struct publication {
    char plugin[PLUGIN_FULL_NAME_SIZE];
    const char *version;
    struct package *package;
};

static void refuse_faults(struct http_request *request, const struct diagnostics *faults)
{
    http_refuse_faults(request, PROBLEM_INVALID_PLUGIN, faults,
                       "the plugin has %zu fault%s, listed in errors; nothing was published", faults->count,
                       faults->count == 1 ? "" : "s");
}

// A manifest that says what it is called has to say it right, and in what people can read.
static void check_labels(const struct publication *publication, struct diagnostics *faults)
{
    const struct manifest *manifest = &publication->package->manifest;
    manifest_check_texts(manifest, DIAGNOSTIC_REQUEST, "/manifest", faults);
    const char *short_name = strchr(publication->plugin, '/') + 1;
    if (manifest->name != NULL && strcmp(manifest->name, publication->plugin) != 0 &&
        strcmp(manifest->name, short_name) != 0)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "/manifest/name",
                        "expected \"%s\" or \"%s\", as which it is published", publication->plugin,
                        short_name);
    if (manifest->version != NULL && strcmp(manifest->version, publication->version) != 0)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "/manifest/version",
                        "expected \"%s\", as which it is published", publication->version);
}

static void answer_published(struct http_request *request, const struct publication *publication,
                             unsigned status, int64_t yanked_ms, json_t *warnings)
{
    const struct package *package = publication->package;
    answer_json(request, status,
                json_pack("{s:s, s:s, s:s, s:I, s:b, s:o, s:o}", "name", publication->plugin, "version",
                          publication->version, "sha256", package->sha256, "code_bytes",
                          (json_int_t)package_code_bytes(package), "yanked", yanked_ms != 0, "yanked_at",
                          yanked_ms != 0 ? json_time(yanked_ms) : json_null(), "diagnostics", warnings));
    if (status == 201)
        http_add_header(request, "Location", "/v1/plugins/%s/versions/%s", publication->plugin,
                        publication->version);
}

struct yanking {
    const char *version;
    int64_t yanked_ms; // 0: it is not
};

static bool find_yanking(void *yanking_, const struct version_facts *facts)
{
    struct yanking *yanking = yanking_;
    bool found = strcmp(yanking->version, facts->version) == 0;
    if (found)
        yanking->yanked_ms = facts->yanked_ms;
    return !found;
}

// What was published before may have been yanked since, and does not come back by being published again.
static void answer_same(struct service *service, struct http_request *request,
                        const struct publication *publication)
{
    struct yanking yanking = {.version = publication->version};
    registry_describe(service->registry, publication->plugin, find_yanking, &yanking);
    answer_published(request, publication, 200, yanking.yanked_ms, json_array());
}

// Answers for every verdict but PUBLISH_NEW. True if the request is answered.
static bool answer_verdict(struct service *service, struct http_request *request,
                           const struct publication *publication, enum publish_verdict verdict,
                           const struct error *err)
{
    switch (verdict) {
    case PUBLISH_NEW:
        return false;
    case PUBLISH_SAME:
        answer_same(service, request, publication);
        return true;
    case PUBLISH_TAKEN:
        http_refuse(request, PROBLEM_VERSION_EXISTS, "%s", err->text);
        return true;
    case PUBLISH_FORBIDDEN:
        http_refuse(request, PROBLEM_FORBIDDEN, "%s", err->text);
        return true;
    case PUBLISH_FULL:
        http_refuse(request, PROBLEM_REGISTRY_FULL, "%s", err->text);
        return true;
    case PUBLISH_FAILED:
        break;
    }
    registry_refuse(request, err);
    return true;
}

static void keep(struct service *service, struct http_request *request, const struct publication *publication)
{
    char remote[REMOTE_SIZE];
    struct registry_author author = registry_author_of(request, remote);
    struct error err = {0};
    json_t *warnings = plugin_check(service, request, publication->package);
    if (warnings == NULL)
        return;
    enum publish_verdict verdict = registry_publish(
        service->registry, publication->plugin, publication->version, publication->package, &author, &err);
    if (answer_verdict(service, request, publication, verdict, &err))
        json_decref(warnings);
    else
        answer_published(request, publication, 201, 0, warnings);
}

static void publish_package(struct service *service, struct http_request *request,
                            const struct publication *publication)
{
    struct error err = {0};
    struct diagnostics faults;
    diagnostics_init(&faults);
    check_labels(publication, &faults);
    if (diagnostics_any(&faults)) {
        refuse_faults(request, &faults);
    } else {
        enum publish_verdict verdict =
            registry_may_add(service->registry, publication->plugin, publication->version,
                             publication->package->sha256, &request->identity, &err);
        if (!answer_verdict(service, request, publication, verdict, &err))
            keep(service, request, publication);
    }
    diagnostics_free(&faults);
}

static void publish(struct service *service, struct http_request *request)
{
    struct publication publication = {.version = http_parameter(request, 2).data};
    struct semver version;
    struct error err = {0};
    struct diagnostics faults;
    if (!plugin_of_path(request, 0, publication.plugin))
        return;
    if (!semver_parse(http_parameter(request, 2), &version, &err)) {
        http_refuse(request, PROBLEM_INVALID_REQUEST, "%s", err.text);
        return;
    }
    struct bytes body = bytes_of(request->body.data, request->body.length);
    if (answer_unless_json(request, body))
        return;
    diagnostics_init(&faults);
    publication.package = package_read(body, &faults);
    if (publication.package == NULL)
        refuse_faults(request, &faults);
    else
        publish_package(service, request, &publication);
    package_unref(publication.package);
    diagnostics_free(&faults);
}

void plugins_publish(void *app, struct http_request *request)
{
    struct service *service = app;
    if (!registry_may_publish(service->registry, &request->identity, http_parameter(request, 0)))
        http_refuse(request, PROBLEM_FORBIDDEN, "the namespace \"%.80s\" is somebody else's",
                    http_parameter(request, 0).data);
    else
        answer_later(service, request, service->publishing, publish);
}

static void yank(struct service *service, struct http_request *request)
{
    char plugin[PLUGIN_FULL_NAME_SIZE], remote[REMOTE_SIZE];
    struct registry_author author = registry_author_of(request, remote);
    struct error err;
    if (!plugin_of_path(request, 0, plugin))
        return;
    if (registry_yank(service->registry, plugin, http_parameter(request, 2).data, &author, &err))
        answer_nothing(request);
    else
        registry_refuse(request, &err);
}

void plugins_yank(void *app, struct http_request *request)
{
    struct service *service = app;
    if (!registry_may_publish(service->registry, &request->identity, http_parameter(request, 0)))
        http_refuse(request, PROBLEM_FORBIDDEN, "the namespace \"%.80s\" is somebody else's",
                    http_parameter(request, 0).data);
    else
        answer_later(service, request, service->publishing, yank);
}
