// SPDX-License-Identifier: Apache-2.0
// Answers that several resources give.
#pragma once

#include "policies/diagnostics.h"
#include "sandboxd/http/request.h"

// Not its header: jansson has names of its own for the same kinds of values.
struct json_fault;

// 400: the body is no JSON, with line and column.
void answer_invalid_json(struct http_request *request, const struct json_fault *fault);
// The same if `body` is none. True: the request is answered.
bool answer_unless_json(struct http_request *request, struct bytes body);
// 422: it is JSON, but not what the route takes.
void answer_invalid_request(struct http_request *request, const struct diagnostics *faults);
