// SPDX-License-Identifier: Apache-2.0
// Who sends the spans: the OTLP resource. Any thread.
#pragma once

#include "base/buffer.h"
#include "sandboxd/trace/settings.h"

// Appends {"attributes": [...]}: the service's name, version and instance, the host and process, and what
// OTEL_RESOURCE_ATTRIBUTES says, which wins.
void resource_put(struct buffer *out, const struct trace_settings *settings);
