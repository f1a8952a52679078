// SPDX-License-Identifier: Apache-2.0
// A run's profile as a file, and its costliest lines on a terminal. Main thread only.
#pragma once

#include "base/error.h"
#include "runtime/protocol/profile.h"
#include "sandboxctl/bundle.h"

#include <stdbool.h>
#include <stdio.h>

// Whether `path` ends in one of the forms: .svg, .folded (microseconds of CPU time) or .bytes.folded.
bool profile_path_check(const char *path, struct error *err);
// Writes the profile in the form that the path ends in. `title` says what was run.
bool profile_write(const char *path, const struct profile *profile, const char *title, struct error *err);
// The lines that cost the most CPU time, with their text.
void profile_report_lines(FILE *out, bool colour, const struct profile *profile, const struct bundle *bundle);
