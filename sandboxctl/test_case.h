// SPDX-License-Identifier: Apache-2.0
// A plugin's test cases: tests/*.json beside its plugin.json, one case or a list of cases in each file.
// sandbox-plugin(7) describes a case. Main thread only.
#pragma once

#include "base/error.h"
#include "policies/diagnostics.h"
#include "runtime/engine/engine.h"

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

// What "expect.status" calls a refusal by the input schema, as the service does.
#define TEST_STATUS_UNFIT "invalid_context"

// How a case went.
struct test_verdict {
    bool passed;
    char *problem; // owned; lines that tell what was expected and what came; NULL if it passed
    struct run_figures figures;
};

struct test_case {
    char *file; // "tests/rounding.json"
    char *name;
    bool faulty;    // it says something that no case can; the verdict tells, and it is not run
    char *policy;   // NULL: the command's; a path as seen from the current folder
    char *context;  // JSON text, as it is written
    json_t *limits; // object or NULL
    uint64_t seed;
    bool unfit;          // expected: the plugin's input schema refuses the context, and nothing is run
    enum outcome status; // expected otherwise
    json_t *output;      // expected, or NULL for any
    bool has_error;      // the message must match
    regex_t error;       // POSIX extended regular expression
    char *error_text;
    json_t *usage; // ceilings on usage, object or NULL: {"cpu_ms": 5, "memory_bytes": "1MiB"}
    bool slowed;   // ceilings on times do not count: it runs with its lines watched
    struct test_verdict verdict;
};

struct test_cases {
    struct test_case *items;
    size_t count;
};

// Reads every *.json of `folder`/tests in the order of their names, but for those that begin with a dot. A
// file or member that is not a case gives a faulty one, whose verdict names the file, the case and what was
// expected. No folder or no case at all is an error.
bool test_cases_load(struct test_cases *ret_cases, const char *folder, struct error *err);
void test_cases_free(struct test_cases *cases);

// Whether each member of "usage" (an object, or NULL) is a figure and its ceiling; errors begin with `where`.
bool test_usage_valid(const json_t *usage, const char *where, struct error *err);
// Keeps the verdict on a case that was refused before it was run: `faults` are the places where its context
// does not fit the plugin's input schema, none if that is not why.
void test_case_refused(struct test_case *test, const struct error *err, const struct diagnostics *faults);
// Compares a run with what the case expects, and keeps the verdict in the case.
void test_case_check(struct test_case *test, const struct run_result *result);
