// SPDX-License-Identifier: Apache-2.0
// Answers that several resources give.
#pragma once

#include "base/json_cursor.h"
#include "policies/diagnostics.h"
#include "sandboxd/http/request.h"

// 400: the body is no JSON, with line and column.
void answer_invalid_json(struct http_request *request, const struct json_fault *fault);
// 422: it is JSON, but not what the route takes.
void answer_invalid_request(struct http_request *request, const struct diagnostics *faults);
