// SPDX-License-Identifier: Apache-2.0
// Who asks, and whether the route is for them: the service's http_options.authorize. What a handler may show
// to whom is the handler's, with identity_may.
#pragma once

#include "sandboxd/http/request.h"

void authorize_request(void *service, struct http_request *request);
