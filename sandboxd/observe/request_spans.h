// SPDX-License-Identifier: Apache-2.0
// The spans of one request: the server's, and of a run the stages below it. Any thread; does not block.
#pragma once

#include "sandboxd/http/request.h"
#include "sandboxd/service.h"

// The service's http_options.keeps_trace.
bool request_trace_kept(void *service, const struct http_request *request);
// Hands the spans of an answered request to the exporter, if its trace is kept.
void request_spans_export(struct service *service, const struct http_request *request, unsigned status,
                          uint64_t duration_ns);
