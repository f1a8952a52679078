// SPDX-License-Identifier: Apache-2.0
// Sends finished spans to a collector, from a thread of its own. Adding one never waits: with the queue full
// it is dropped and counted. A batch is tried again where OTLP says that it may be, until its time is up;
// a Retry-After holds beyond that, for what comes after. Any thread.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "sandboxd/trace/settings.h"

struct exporter;

struct exporter_hooks {
    // Something for the log, from the exporter's thread: that spans are lost (at most once a minute
    // those that the collector did not take, and once a minute those that found no room in the queue), and
    // that the collector takes them again.
    void (*lost)(void *context, const char *text);
    void (*recovered)(void *context);
    void *context;
    struct logger *logger; // for what goes on; outlives the exporter; may be NULL
};

struct exporter_figures {
    uint64_t queued; // spans, now
    uint64_t exported;
    uint64_t dropped_queue_full;
    uint64_t dropped_rejected; // by the collector, for good
    uint64_t dropped_failed;   // it could not be reached, or was overloaded, for too long
    bool failing;              // the last batch was lost
    bool queue_full;           // some span found no room in the last minute
};

// Copies the settings. Starts the thread.
struct exporter *exporter_new(const struct trace_settings *settings, const struct exporter_hooks *hooks,
                              struct error *err);
// Takes over one span's text and empties the buffer. False: it was dropped and counted.
bool exporter_add(struct exporter *exporter, struct buffer *span);
// Takes no lock.
void exporter_read_figures(const struct exporter *exporter, struct exporter_figures *ret_figures);
// Sends what is queued, each batch once, for at most `timeout_ms`, and frees all. NULL is fine.
void exporter_free(struct exporter *exporter, uint64_t timeout_ms);
