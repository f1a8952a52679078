// SPDX-License-Identifier: Apache-2.0
// One job of a request on its way through the engine: a run, or a validation. Owns itself from
// submission_start until its end; then a run's belongs to its request, which says more of it when it is
// answered.
#pragma once

#include "sandboxd/api/run_plugin.h"
#include "sandboxd/api/run_registry.h"
#include "sandboxd/http/request.h"
#include "sandboxd/service.h"
#include "validation/validation.h"

struct submission;

// Turns the engine's result into the request's answer. Called in whichever thread saw the end.
typedef void submission_answer(struct submission *submission, const struct run_result *result);

struct submission {
    struct registered_run registered; // its id is the run's
    struct service *service;
    struct http_request *request;
    submission_answer *answer;
    bool is_run;              // counted, logged and traced as one
    struct run_plugin plugin; // of a run of a registered one; its package is the submission's until its end
    struct plan *plan;        // of the run's tenant; NULL: none
    struct limit_hold hold;   // with a plan: what the run holds of its limits
    char code_sha256[65];
    struct bytes context;          // of a run; in the request's body
    struct run_record record;      // of a run that ended; then the submission is the request's `note`
    struct buffer plugin_records;  // for the stream of what plugins log
    uint64_t end_ns;               // when the engine told its end
    uint64_t recorded_ns;          // when answer and record were made
    struct validation *validation; // of a validation; owned
};

// A new one for `request`, with an id. NULL when out of memory: then the request is answered.
struct submission *submission_new(struct service *service, struct http_request *request, const char *policy,
                                  submission_answer *answer);

// For one that was not started.
void submission_free(struct submission *submission);

// The live version of a policy, or NULL: then the request is answered. The caller unrefs it.
struct policy *submission_policy(struct service *service, struct http_request *request, const char *name);

// Suspends the request and hands the job to the engine; `run` is complete but for run_id, done and user.
// A validation too many of its tenant is answered. Where the engine refuses, the request is answered and
// resumed, or handled again from its beginning if another version of the policy took the place of
// `run->policy`. Whatever happens, the request is no longer the caller's.
void submission_start(struct submission *submission, struct run_request *run);
