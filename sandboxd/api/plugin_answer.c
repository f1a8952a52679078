// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/plugin_answer.h"

#include "sandboxd/api/idempotency.h"

#include <stdio.h>

bool plugin_of_path(struct http_request *request, unsigned index, char ret_plugin[PLUGIN_FULL_NAME_SIZE])
{
    struct bytes space = http_parameter(request, index), name = http_parameter(request, index + 1);
    if (plugin_name_part_valid(space, NAMESPACE_MAX) && plugin_name_part_valid(name, PLUGIN_NAME_MAX)) {
        snprintf(ret_plugin, PLUGIN_FULL_NAME_SIZE, "%s/%s", space.data, name.data);
        return true;
    }
    http_refuse(
        request, PROBLEM_NOT_FOUND,
        "this is no name of a plugin: expected lower-case letters, digits, '_' and '-', a letter first, "
        "at most %d bytes for the namespace and %d for the name",
        NAMESPACE_MAX, PLUGIN_NAME_MAX);
    return false;
}

struct registry_author registry_author_of(const struct http_request *request, char remote[REMOTE_SIZE])
{
    http_remote_address(request, remote);
    return (struct registry_author){.identity = &request->identity,
                                    .remote = remote,
                                    .request_id = request->request_id,
                                    .promise = request_promise(request)};
}

void registry_refuse(struct http_request *request, const struct error *err)
{
    switch (err->kind) {
    case ERROR_NOT_FOUND:
        http_refuse(request, PROBLEM_NOT_FOUND, "%s", err->text);
        return;
    case ERROR_INVALID:
        http_refuse(request, PROBLEM_INVALID_REQUEST, "%s", err->text);
        return;
    case ERROR_CONFLICT:
        http_refuse(request, PROBLEM_REGISTRY_FULL, "%s", err->text);
        return;
    default:
        answer_store_failed(request, err);
        return;
    }
}
