// SPDX-License-Identifier: Apache-2.0
// Limits as requests meet them: which there are for whom, the headers that tell of them (RateLimit and
// RateLimit-Policy, draft-ietf-httpapi-ratelimit-headers-11), and the refusal.
#pragma once

#include "sandboxd/http/request.h"
#include "sandboxd/service.h"

// Counts a request of a route that is counted. False: the request is answered 429.
bool limit_request(struct service *service, struct http_request *request);
// The same for the tenant in whose name an admin asks, once the body has told it.
bool limit_stand_in(struct service *service, struct http_request *request);
// Takes the place and the money of a run under a tenant's plan. False: the request is answered 429.
bool limit_run(struct service *service, struct http_request *request, const struct plan *plan,
               const struct run_limits *limits, struct limit_hold *ret_hold);
