// SPDX-License-Identifier: Apache-2.0
// What the log lines of a request, and of a run within it, have in common. Any thread.
#pragma once

#include "base/log.h"
#include "sandboxd/http/request.h"
#include "sandboxd/store/run_record.h"

// request_id, trace_id, span_id, trace_flags, tenant. Borrows from the request.
struct log_context request_log_context(const struct http_request *request);
// run_id, plugin, policy, within the request's. Borrows from both.
struct log_context run_log_context(const struct run_record *record, const struct log_context *request);
