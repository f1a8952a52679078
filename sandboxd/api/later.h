// SPDX-License-Identifier: Apache-2.0
// Handlers that may wait, for the disk or for a zygote: done in a background thread while the connection is
// suspended.
#pragma once

#include "sandboxd/http/request.h"
#include "sandboxd/service.h"

// Suspends the request, and has `handle` answer it in `background`'s thread. With too many waiting, of
// all or of its tenant, the request is answered 503 at once.
void answer_later(struct service *service, struct http_request *request, struct background *background,
                  void (*handle)(struct service *service, struct http_request *request));
// The same where `handle` may hand the request on: it resumes it, or has somebody else do so.
void hand_on_later(struct service *service, struct http_request *request, struct background *background,
                   void (*handle)(struct service *service, struct http_request *request));
