// SPDX-License-Identifier: Apache-2.0
// What is told of a run that ended and of a request that was answered: metrics, log lines, spans. Any thread.
#pragma once

#include "runtime/engine/engine.h"
#include "sandboxd/http/request.h"
#include "sandboxd/service.h"

// The trace that metrics may name: one that can be found, in the traces or else in logs and history. Or NULL.
const char *request_exemplar(const struct service *service, const struct http_request *request);
// The metrics of a run that ended.
void run_count(struct metrics *metrics, const struct run_result *result, const char *trace_id);
// A line for each system call that the metrics count as an attempt to get out: who made it is in the context.
void run_tell_attempts(struct logger *logger, const struct run_result *result,
                       const struct log_context *context, const char *code_sha256);
// The metrics, the line and the spans of a request that was answered, and its run's line.
void request_observe(struct service *service, const struct http_request *request, unsigned status,
                     uint64_t duration_ns);
