// SPDX-License-Identifier: Apache-2.0
// What is kept of a run that ended: its metrics and one log line. Any thread; must not block.
#pragma once

#include "runtime/engine/engine.h"
#include "sandboxd/http/request.h"
#include "sandboxd/service.h"

void run_count(struct metrics *metrics, const struct run_result *result);
void run_log(struct logger *logger, const char *request_id, const struct trace_context *trace,
             const struct run_result *result);
// One line and the metrics of a request that was answered.
void request_observe(struct service *service, const struct http_request *request, unsigned status,
                     uint64_t duration_ns);
