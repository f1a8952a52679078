// SPDX-License-Identifier: Apache-2.0
// Which lines of a plugin its test cases ran: merged over all cases, as a table and as LCOV. Main thread
// only.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "runtime/protocol/job_messages.h"
#include "sandboxctl/bundle.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct coverage_report {
    struct covered_lines {
        uint64_t *hits; // by line, 1 more than how often it ran; 0: it holds no code
        uint32_t count; // 0: nothing is known of its lines
        bool loaded;    // by any run
    } modules[MODULES_MAX];
};

// Adds what one run covered (struct run_result). False when out of memory.
bool coverage_report_add(struct coverage_report *report, struct bytes coverage);
// Takes the lines that hold code of the module `index`, which no run loaded, from a run of it alone; none of
// them has run. False when out of memory.
bool coverage_report_add_unloaded(struct coverage_report *report, size_t index, struct bytes coverage);
void coverage_report_free(struct coverage_report *report);

// A line per module: how many of its lines hold code, how many of them ran, and which did not.
void coverage_report_text(FILE *out, bool colour, const struct coverage_report *report,
                          const struct bundle *bundle);
// {"lines": 10, "covered": 9, "modules": [{"module": "main", "loaded": true, "lines": 10, "covered": 9,
// "missed": [[3, 4]]}]}.
void coverage_report_json(struct buffer *out, const struct coverage_report *report,
                          const struct bundle *bundle);
// Replaces the file `path` by a tracefile as lcov's genhtml and editors read it.
bool coverage_report_lcov(const char *path, const struct coverage_report *report, const struct bundle *bundle,
                          struct error *err);
