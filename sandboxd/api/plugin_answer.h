// SPDX-License-Identifier: Apache-2.0
// What the routes of plugins share.
#pragma once

#include "sandboxd/api/answer_json.h"
#include "sandboxd/registry/registry.h"
#include "sandboxd/service.h"

// "acme/slugify" from two parameters of the path, the first at `index`. False: the request is answered 404,
// since there can be no such plugin.
bool plugin_of_path(struct http_request *request, unsigned index, char ret_plugin[PLUGIN_FULL_NAME_SIZE]);
// Who changes; `remote` holds a text of the author.
struct registry_author registry_author_of(const struct http_request *request, char remote[REMOTE_SIZE]);
// Answers for what the registry could not do: 404, 422 or 503.
void registry_refuse(struct http_request *request, const struct error *err);
