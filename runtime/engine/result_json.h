// SPDX-License-Identifier: Apache-2.0
// One run's result as JSON, the same bytes from the service and from the command line. docs/openapi.yaml
// (RunResult) describes every member. Any thread; allocates through the buffer only.
#pragma once

#include "base/buffer.h"
#include "runtime/engine/engine.h"

// What the engine does not know of a run. NULL pointers are written as null.
struct result_labels {
    const char *plugin_name;
    const char *plugin_version;
    const char *code_sha256; // hex
    const char *trace_id;    // hex
};

// Appends the whole result object.
void result_json_put(struct buffer *out, const struct run_result *result, const struct result_labels *labels);

// Its parts, for callers that show them elsewhere.
void result_json_put_error(struct buffer *out, const struct run_result *result); // null for OUTCOME_OK
void result_json_put_usage(struct buffer *out, const struct run_figures *figures);
void result_json_put_limits(struct buffer *out, const struct run_limits *limits);
