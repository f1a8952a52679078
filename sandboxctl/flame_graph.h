// SPDX-License-Identifier: Apache-2.0
// A profile as an SVG that needs nothing else: one flame graph of CPU time and one of memory allocated, each
// function's share told where the pointer rests. After Brendan Gregg's flame graphs (width is cost, callers
// below what they call, the order along the x axis is no time). Main thread only.
#pragma once

#include "runtime/protocol/profile.h"

#include <stdio.h>

// `title` says what was run. The profile may be of any run: every text is escaped.
void flame_graph_put(FILE *out, const struct profile *profile, const char *title);
