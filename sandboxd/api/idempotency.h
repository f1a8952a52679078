// SPDX-License-Identifier: Apache-2.0
// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) as requests meet it: the service's
// http_options.begin, keep and drop. Answers that say that something was done are kept; a refusal is not, so
// that it can be mended and tried again.
#pragma once

#include "sandboxd/http/request.h"

bool idempotency_begin(void *service, struct http_request *request);
void idempotency_keep(void *service, struct http_request *request);
void idempotency_drop(void *service, struct http_request *request);
