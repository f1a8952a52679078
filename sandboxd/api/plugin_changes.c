// SPDX-License-Identifier: Apache-2.0
// DELETE /v1/plugins/{ns}/{name}/versions/{version}, and PUT and DELETE /v1/tenants/{id}/plugins/{ns}/{name}.
#include "sandboxd/api/account_answer.h"
#include "sandboxd/api/body.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/plugin_answer.h"
#include "sandboxd/api/routes.h"

#include <stdio.h>

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
