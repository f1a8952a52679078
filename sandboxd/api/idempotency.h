// SPDX-License-Identifier: Apache-2.0
// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) as requests meet it: the service's
// http_options.keep and drop, and what its begin ends with. Answers that say that something was done are
// kept; a refusal is not, so that it can be mended and tried again. A run is recorded together with its
// answer (see sandboxd/replies/replies.h).
#pragma once

#include "sandboxd/http/request.h"
#include "sandboxd/store/reply_rows.h"

bool idempotency_begin(void *service, struct http_request *request);
// What the transaction that does what the request asks for keeps besides, so that it is not done again where
// the process is killed before the answer is kept. NULL: it came without a key. Borrowed from the request.
const struct reply_row *request_promise(const struct http_request *request);
void idempotency_keep(void *service, struct http_request *request);
void idempotency_drop(void *service, struct http_request *request);
