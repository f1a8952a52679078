// SPDX-License-Identifier: Apache-2.0
// How a verb tells that it could not do what was asked: in words on standard error, and under --json as a
// document on standard output as well: {"error": {"exit_status": 5, "message": "..."}}. Main thread only.
#pragma once

#include "base/error.h"
#include "policies/diagnostics.h"
#include "sandboxctl/command.h"

// The exit status that the kind of `err` has.
enum exit_status refuse(const struct invocation *invocation, const struct error *err);
// The same for a document of the user's that has faults: they follow, under --json as "faults", and the
// status is STATUS_PLUGIN_FAILED if there are any.
enum exit_status refuse_with_faults(const struct invocation *invocation, const struct error *err,
                                    const struct diagnostics *faults);
