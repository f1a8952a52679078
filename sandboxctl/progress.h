// SPDX-License-Identifier: Apache-2.0
// "123 of 1000 runs" on a terminal, for what takes longer than a second. Main thread only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *out;        // NULL: nobody watches
    const char *noun; // "runs"
    size_t total;
    uint64_t begun_ns;
    uint64_t shown_ns; // 0: not yet
};

// Shows on `out`, if that is a terminal and not `quiet`. With a `total` of 0 it is the time that is shown:
// "checking, 5 s".
struct progress progress_begin(FILE *out, bool quiet, const char *noun, size_t total);
// How far it is at `now_ns` (clock_monotonic_ns): shown from the first second on, ten times a second.
void progress_at(struct progress *progress, uint64_t now_ns, size_t done);
// Takes the line away, if there is one.
void progress_end(struct progress *progress);
