// SPDX-License-Identifier: Apache-2.0
// What the standard OTEL_* environment variables say of tracing. Read once at the start, in one thread.
#pragma once

#include "policies/diagnostics.h"

#include <stdbool.h>
#include <stdint.h>

enum { TRACE_TEXT_SIZE = 2048, TRACE_HEADERS_MAX = 16 };

enum trace_sampler {
    SAMPLER_PARENT_ALWAYS_ON,
    SAMPLER_PARENT_ALWAYS_OFF,
    SAMPLER_PARENT_RATIO,
    SAMPLER_ALWAYS_ON,
    SAMPLER_ALWAYS_OFF,
    SAMPLER_RATIO,
};

struct trace_settings {
    bool enabled;   // an endpoint was named (or OTEL_TRACES_EXPORTER=otlp), and nothing turns it off
    bool propagate; // OTEL_PROPAGATORS has tracecontext: callers' traces are gone on with
    char endpoint[TRACE_TEXT_SIZE]; // the whole URL
    char service_name[256];
    char resource_attributes[TRACE_TEXT_SIZE]; // key=value,... still percent-encoded; checked
    char headers[TRACE_TEXT_SIZE];             // likewise; secrets may be in it
    char certificate[TRACE_TEXT_SIZE];         // file of CA certificates; "": the system's
    bool gzip;
    enum trace_sampler sampler;
    double ratio;                // 0..1, for the samplers with one
    uint64_t request_timeout_ms; // of one attempt
    uint64_t batch_delay_ms;
    uint64_t batch_timeout_ms; // of a batch with all its attempts
    uint64_t queue_max;        // spans
    uint64_t batch_max;        // spans
};

// Reads them. An empty variable is an unset one; an invalid one is told in `faults` and ignored, as the
// specification wants it, but for a protocol that is not spoken here: that turns tracing off.
void trace_settings_read(char *const environment[], struct trace_settings *ret_settings,
                         struct diagnostics *faults);

// Walks a list "key=value,key=value" (W3C Baggage form, values percent-encoded). False: it is malformed, and
// pairs before the fault were given. The texts are valid during the call.
bool trace_pairs_each(const char *list, void (*take)(void *context, const char *key, const char *value),
                      void *context);
