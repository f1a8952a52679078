// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/run_plugin.h"

#include "base/clock.h"
#include "sandboxd/observe/contexts.h"

static void refuse_plugin(struct http_request *request, const struct run_envelope *envelope,
                          const struct error *err)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, envelope->version[0] != '\0' ? "/version" : "/plugin",
                    "%s", err->text);
    http_refuse_faults(request, err->kind == ERROR_INVALID ? PROBLEM_INVALID_REQUEST : PROBLEM_UNKNOWN_PLUGIN,
                       &faults, "%s", err->text);
    diagnostics_free(&faults);
}

static void tell(struct service *service, const struct http_request *request, const struct plugin_pick *pick,
                 enum severity severity, const char *message, uint64_t took_ns)
{
    if (!log_may(&service->logger, severity))
        return;
    const struct log_context context = request_log_context(request);
    log_of(&service->logger, "registry", &context, severity, message, LOG_TEXT("plugin", pick->plugin),
           LOG_TEXT("plugin_version", pick->version), LOG_MS_FROM_US("took_ms", took_ns / NS_PER_US));
}

enum plugin_lookup run_plugin_find(struct service *service, struct http_request *request,
                                   const struct run_envelope *envelope, bool may_wait,
                                   struct run_plugin *ret_plugin)
{
    struct error err = {0};
    *ret_plugin = (struct run_plugin){0};
    if (envelope->plugin[0] == '\0')
        return PLUGIN_FOUND;
    const char *wanted = envelope->version[0] != '\0' ? envelope->version : NULL;
    if (!registry_resolve(service->registry, request->identity.tenant, envelope->plugin, wanted,
                          &ret_plugin->pick, &err)) {
        refuse_plugin(request, envelope, &err);
        return PLUGIN_REFUSED;
    }
    ret_plugin->package = registry_cached(service->registry, &ret_plugin->pick);
    if (ret_plugin->package != NULL) {
        tell(service, request, &ret_plugin->pick, LOG_TRACE, "content in memory", 0);
        return PLUGIN_FOUND;
    }
    if (!may_wait)
        return PLUGIN_NOT_IN_MEMORY;
    uint64_t began_ns = clock_monotonic_ns();
    ret_plugin->package = registry_load(service->registry, &ret_plugin->pick, &err);
    if (ret_plugin->package != NULL) {
        tell(service, request, &ret_plugin->pick, LOG_DEBUG, "content read from the store",
             clock_monotonic_ns() - began_ns);
        return PLUGIN_FOUND;
    }
    http_refuse(request, PROBLEM_STORE_FAILED, "%s", err.text);
    return PLUGIN_REFUSED;
}

bool run_plugin_takes(struct http_request *request, const struct run_plugin *plugin, struct bytes context)
{
    const struct json_schema *schema = plugin->package != NULL ? plugin->package->manifest.input : NULL;
    if (schema == NULL)
        return true;
    struct diagnostics faults;
    diagnostics_init(&faults);
    bool fits = json_schema_check(schema, context, "/context", &faults);
    if (!fits)
        http_refuse_faults(request, PROBLEM_INVALID_CONTEXT, &faults,
                           "the context does not fit what %s %s takes; nothing was run", plugin->pick.plugin,
                           plugin->pick.version);
    diagnostics_free(&faults);
    return fits;
}

const struct run_result *run_plugin_hold_output(const struct package *package,
                                                const struct run_result *result, struct run_result *room,
                                                char message[SCHEMA_MESSAGE_SIZE])
{
    if (package == NULL || result->outcome != OUTCOME_OK ||
        manifest_output_fits(&package->manifest, result->output, message))
        return result;
    *room = *result;
    room->outcome = OUTCOME_INVALID_RESULT;
    room->output = bytes_of("", 0);
    room->message = message;
    return room;
}
