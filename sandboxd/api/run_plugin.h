// SPDX-License-Identifier: Apache-2.0
// What a run of a registered plugin has besides a run of a text: its content, found by name and version, and
// the schemas that hold its input and output.
#pragma once

#include "runtime/engine/engine.h"
#include "sandboxd/api/run_request.h"
#include "sandboxd/http/request.h"
#include "sandboxd/registry/registry.h"
#include "sandboxd/service.h"

struct run_plugin {
    struct plugin_pick pick;
    struct package *package; // NULL: the run is of a text
};

enum plugin_lookup {
    PLUGIN_FOUND,
    PLUGIN_NOT_IN_MEMORY, // it has to be loaded, in a thread that may wait
    PLUGIN_REFUSED,       // the request is answered
};

// The content that the envelope names, nothing if it is a run of a text. With `may_wait`, loads it. The
// caller unrefs the package.
enum plugin_lookup run_plugin_find(struct service *service, struct http_request *request,
                                   const struct run_envelope *envelope, bool may_wait,
                                   struct run_plugin *ret_plugin);
// Whether the context fits the plugin's input schema. False: the request is answered.
bool run_plugin_takes(struct http_request *request, const struct run_plugin *plugin, struct bytes context);

// A plugin that ended well with what its own output schema forbids has not: then the result is made anew in
// `room`, as invalid_result with a message. Else `result` as it is. Any thread.
const struct run_result *run_plugin_hold_output(const struct package *package,
                                                const struct run_result *result, struct run_result *room,
                                                char message[SCHEMA_MESSAGE_SIZE]);
