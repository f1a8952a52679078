// SPDX-License-Identifier: Apache-2.0
// A package's Lua text looked at by a worker before it is published.
#pragma once

#include "packaging/package.h"
#include "sandboxd/service.h"

#include <jansson.h>

// Waits for the worker: not from HTTP threads, nor the engine's. The list of what was found, warnings only;
// the caller owns it. NULL: the request is answered, with every error or with why nobody could look.
json_t *plugin_check(struct service *service, struct http_request *request, const struct package *package);
