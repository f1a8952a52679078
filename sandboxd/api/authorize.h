// SPDX-License-Identifier: Apache-2.0
// Who asks, and whether the route is for them: the service's http_options.authorize. What a handler may show
// to whom is the handler's, with identity_may.
#pragma once

#include "sandboxd/http/request.h"
#include "sandboxd/service.h"

void authorize_request(void *service, struct http_request *request);
// Asks again once the body is there, which may be long after its headers: the key may have been revoked, its
// tenant suspended. False: the request is refused.
bool authorize_still(struct service *service, struct http_request *request);
