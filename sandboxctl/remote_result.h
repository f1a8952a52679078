// SPDX-License-Identifier: Apache-2.0
// A run as the server tells of it, shown as a local one is. Main thread only.
#pragma once

#include "sandboxctl/bundle.h"
#include "sandboxctl/command.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

// The text of a member; NULL if it is none.
const char *text_at(const json_t *object, const char *name);
// A member that is a number, not below 0; 0 if it is none.
uint64_t count_at(const json_t *object, const char *name);
// Likewise, from milliseconds.
uint64_t us_at(const json_t *object, const char *name);

// The table of what a run used of its limits.
void remote_usage_show(FILE *out, bool colour, const json_t *run);
// The whole answer to POST /v1/runs, `text` and `run` the same: output on standard output, the rest on
// standard error, and the exit status that a local run would give. `bundle` is where source lines are taken
// from, or NULL.
enum exit_status remote_result_show(const struct invocation *invocation, const char *text, const json_t *run,
                                    const struct bundle *bundle);
