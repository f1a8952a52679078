// SPDX-License-Identifier: Apache-2.0
// Whether a trace is kept. Pure; any thread.
#pragma once

#include "sandboxd/http/trace_context.h"
#include "sandboxd/trace/settings.h"

// A parent's decision is followed where the sampler is parent-based and the trace has one. A ratio looks at
// the last 56 bits of the trace id, as Trace Context level 2 and consistent probability sampling do, so that
// every service with the same ratio keeps the same traces.
bool sampler_keeps(const struct trace_settings *settings, const struct trace_context *trace);
