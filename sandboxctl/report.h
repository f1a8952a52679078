// SPDX-License-Identifier: Apache-2.0
// One run's result for a person: output, logs, the error with its source lines, usage against limits.
#pragma once

#include "runtime/engine/engine.h"
#include "sandboxctl/bundle.h"

#include <stdbool.h>
#include <stdio.h>

// The output alone, as indented JSON and a newline.
void report_output(FILE *out, const struct run_result *result);
// One line of the plugin's log.
void report_log_line(FILE *out, bool colour, const struct run_log_line *line);
// System calls that were refused (audit mode); what went wrong, where, with an excerpt of the source, and the
// stack. Nothing for a run that was OUTCOME_OK and asked for nothing.
void report_error(FILE *out, bool colour, const struct run_result *result, const struct bundle *bundle);
// A table of what was used of each limit, and who set it.
void report_usage(FILE *out, bool colour, const struct run_result *result);
// The same, where it is not known who set them.
void report_usage_alone(FILE *out, bool colour, const struct run_result *result);
