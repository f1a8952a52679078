// SPDX-License-Identifier: Apache-2.0
// What is told of a run that ended and of a request that was answered: metrics, log lines, spans. Any thread.
#pragma once

#include "runtime/engine/engine.h"
#include "sandboxd/http/request.h"
#include "sandboxd/service.h"

void run_count(struct metrics *metrics, const struct run_result *result);
// The metrics, the line and the spans of a request that was answered, and its run's line.
void request_observe(struct service *service, const struct http_request *request, unsigned status,
                     uint64_t duration_ns);
