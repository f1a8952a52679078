// SPDX-License-Identifier: Apache-2.0
// Whether a plugin is fit to be run under a policy, without running it: sizes, names and encoding are looked
// at here, syntax, globals, `require` and doubtful patterns by the validator in a confined worker, because a
// source is hostile. One code for `POST /v1/validate`, for publishing to the registry and for `sandboxctl
// validate`, so that all three give one verdict.
//
// Where somebody else serves the engine, validation_run does all of it:
//
//     struct validation *validation = validation_run(engine, &input, &err);
//     if (validation == NULL) ...                      // nobody could look: err says why
//     else if (!validation_is_valid(validation)) ...   // validation_put_json(validation, &body)
//     validation_free(validation);
//
// Else: validation_new; if validation_needs_worker, engine_submit what validation_request made, and
// validation_take in its callback. A validation is used by one thread at a time.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "policies/diagnostics.h"
#include "policies/policy.h"
#include "runtime/engine/engine.h"
#include "validation/findings.h"

#include <stdbool.h>
#include <stdint.h>

struct validation_input {
    const char *tenant;          // who asks validation_run, in turn with the others; NULL: nobody
    const struct policy *policy; // whom the plugin is for: its Lua names and its code_bytes
    uint32_t module_count;       // up to MODULES_MAX; none if only the manifest could be read
    // The entry first, under the name of its file ("main.lua"), which is what messages call it; the others
    // under the names that `require` knows.
    struct job_module modules[MODULES_MAX];
};

struct validation;

// Looks at everything that needs no worker. Copies what it needs of `input`; NULL: no memory.
struct validation *validation_new(const struct validation_input *input, struct error *err);
void validation_free(struct validation *validation);

// Faults of the plugin's manifest, which whoever reads it has found: errors with the code "manifest".
void validation_add_manifest_faults(struct validation *validation, const struct diagnostics *faults);

// False if what was found already leaves nothing to look at (a source above the policy's size).
bool validation_needs_worker(const struct validation *validation);
// Fills in all of a request for engine_submit but run_id, tenant and the callbacks. `input` as it was given
// to validation_new, whose policy and texts are borrowed until engine_submit returns.
void validation_request(const struct validation *validation, const struct validation_input *input,
                        struct run_request *ret_request);
// Takes over how that job ended: also a limit of its own that it reached is a finding. False if it told
// nothing of the plugin: it was cancelled, or we could not.
bool validation_take(struct validation *validation, const struct run_result *result, struct error *err);

// The whole way, in a thread that may wait for it (seconds at worst) while another one serves the engine. Not
// from a callback of the engine. NULL if there is no verdict: `err` is ERROR_LIMIT where the engine's queue
// is full, to be tried again, ERROR_CLOSED where it is stopping, ERROR_UNSUPPORTED where it cannot.
struct validation *validation_run(struct engine *engine, const struct validation_input *input,
                                  struct error *err);

// No errors. Warnings do not count.
bool validation_is_valid(const struct validation *validation);
// In order: by module, line and column.
const struct findings *validation_findings(const struct validation *validation);
// "main.lua", "util", or "plugin.json" for what is found in the manifest.
const char *validation_source(const struct validation *validation, const struct finding *finding);
// {"valid": ..., "diagnostics": [...]}, the answer of POST /v1/validate.
void validation_put_json(const struct validation *validation, struct buffer *out);
// The list alone, for a problem document.
void validation_put_diagnostics(const struct validation *validation, struct buffer *out);
