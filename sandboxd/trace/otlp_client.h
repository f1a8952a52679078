// SPDX-License-Identifier: Apache-2.0
// One collector, spoken to with OTLP/HTTP JSON over a connection that is kept. One thread at a time.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "sandboxd/trace/settings.h"

#include <stdatomic.h>
#include <stdint.h>

struct otlp_client;

// Reads `give_up_ns` (monotonic; 0: none) while it waits: an attempt ends then.
struct otlp_client *otlp_client_new(const struct trace_settings *settings, const _Atomic uint64_t *give_up_ns,
                                    struct error *err);
void otlp_client_free(struct otlp_client *client); // NULL is fine

enum otlp_outcome {
    OTLP_TAKEN,    // all but `rejected` of the spans
    OTLP_TRY_OVER, // 429, 502, 503, 504, or no answer at all
    OTLP_REFUSED,  // any other answer: the same would be refused again
};

struct otlp_answer {
    enum otlp_outcome outcome;
    uint64_t rejected;       // spans of a batch that was taken
    uint64_t retry_after_ms; // 0: the collector did not say
    char text[256];          // what went wrong, for an administrator; "" if nothing did
};

// Sends one request of JSON, compressed if the settings say so, and waits for its answer: at most
// `timeout_ms`.
void otlp_client_send(struct otlp_client *client, struct bytes body, uint64_t timeout_ms,
                      struct otlp_answer *ret_answer);
