// SPDX-License-Identifier: Apache-2.0
// What is kept of a run: everything but what it was given and what it gave. Fixed size, so that recording one
// allocates nothing.
#pragma once

#include "base/buffer.h"
#include "runtime/engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

struct run_record {
    char id[RUN_ID_SIZE + 1];
    enum outcome outcome;
    char tenant[65]; // "": none
    char plugin[129];
    char plugin_version[65];
    char plan[65];          // that it was priced by; "": none
    uint64_t memory_kib_ms; // peak memory times wall time
    uint64_t cost_micros;
    char policy[POLICY_NAME_MAX + 1];
    char policy_version[72];
    struct run_figures figures;
    struct run_limits limits;
    char message[201]; // cut
    char source[65];   // where it ended; "": not known
    uint32_t line;
    char function[65];
    bool limit_hit;
    enum run_limit limit;
    uint64_t limit_observed; // µs for times
    enum limit_origin limit_set_by;
    bool syscall_known;
    uint32_t syscall_number;
    char code_sha256[65]; // hex
    char trace_id[33];    // hex
};

// Takes what a result says, its texts without the secrets of `context` (strict JSON, or empty). Ids of code
// and trace, tenant and plugin are the caller's to fill in.
void run_record_take(struct run_record *record, const struct run_result *result, struct bytes context);
// Milliseconds since 1970, from the time in a UUIDv7.
int64_t run_id_unix_ms(const char *id);
// The least id that a run of that time can have, as the store keeps ids.
enum { RUN_ID_BYTES = 16 };
void run_first_id(int64_t unix_ms, unsigned char ret_id[RUN_ID_BYTES]);
// The run as GET /v1/runs/{id} shows it.
void run_record_put(struct buffer *out, const struct run_record *record);
