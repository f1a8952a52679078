// SPDX-License-Identifier: Apache-2.0
// The one form of our own refusals: application/problem+json (RFC 9457). A plugin that fails is not one of
// these; it is a result. Adding a row here means adding it to docs/openapi.yaml (ProblemCode); a test
// compares.
#pragma once

#include "base/buffer.h"
#include "policies/diagnostics.h"

#include <stdint.h>

enum problem_code {
    PROBLEM_BAD_REQUEST,
    PROBLEM_INVALID_JSON,
    PROBLEM_UNAUTHENTICATED,
    PROBLEM_ORIGIN_NOT_ALLOWED,
    PROBLEM_FORBIDDEN,
    PROBLEM_TENANT_SUSPENDED,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_BODY_TIMEOUT,
    PROBLEM_RUN_ENDED,
    PROBLEM_POLICY_CANNOT_START,
    PROBLEM_POLICY_IN_USE,
    PROBLEM_TAKEN,
    PROBLEM_TOO_MANY_KEYS,
    PROBLEM_STILL_RUNNING,
    PROBLEM_ANSWER_NOT_KEPT,
    PROBLEM_VERSION_EXISTS,
    PROBLEM_REGISTRY_FULL,
    PROBLEM_PRECONDITION_FAILED,
    PROBLEM_BODY_TOO_LARGE,
    PROBLEM_CODE_TOO_LARGE,
    PROBLEM_CONTEXT_TOO_LARGE,
    PROBLEM_URI_TOO_LONG,
    PROBLEM_UNSUPPORTED_MEDIA_TYPE,
    PROBLEM_INVALID_REQUEST,
    PROBLEM_KEY_REUSED,
    PROBLEM_INVALID_POLICY,
    PROBLEM_UNKNOWN_POLICY,
    PROBLEM_INVALID_PLAN,
    PROBLEM_UNKNOWN_PLAN,
    PROBLEM_INVALID_PLUGIN,
    PROBLEM_UNKNOWN_PLUGIN,
    PROBLEM_INVALID_CONTEXT,
    PROBLEM_LIMIT_OUT_OF_RANGE,
    PROBLEM_PRECONDITION_REQUIRED,
    PROBLEM_RATE_LIMITED,
    PROBLEM_TOO_MANY_ATTEMPTS,
    PROBLEM_INTERNAL_ERROR,
    PROBLEM_METHOD_NOT_IMPLEMENTED,
    PROBLEM_QUEUE_FULL,
    PROBLEM_STOPPING,
    PROBLEM_POLICY_UNAVAILABLE,
    PROBLEM_BUSY,
    PROBLEM_STORE_FAILED,
    PROBLEM_CODE_COUNT,
};

struct problem_info {
    const char *code; // stable, for programs: "limit_out_of_range"
    unsigned status;
    const char *title;      // fixed for each code
    unsigned retry_after_s; // 0: no Retry-After
};

extern const struct problem_info problem_table[PROBLEM_CODE_COUNT];

// The limit that a refusal is about.
struct problem_limit {
    const char *scope; // "key", "tenant", "global"
    const char *name;  // "minute", "concurrency", "cost-day"
    const char *kind;  // "requests", "concurrency", "cost"
    uint64_t maximum;
};

struct problem {
    enum problem_code code;
    const char *detail;                // for a person: what, where, expected, what to do
    const char *instance;              // URI reference of this occurrence, or NULL
    const char *request_id;            // NULL leaves it out
    const char *trace_id;              // NULL leaves it out
    const char *run_id;                // NULL leaves it out
    const struct problem_limit *limit; // NULL leaves it out
    const struct diagnostics *faults;  // becomes `errors`; NULL or empty leaves it out
};

// Appends the whole document.
void problem_put(struct buffer *out, const struct problem *problem);
