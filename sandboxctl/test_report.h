// SPDX-License-Identifier: Apache-2.0
// Test results as text for people, as TAP 14, as JUnit XML and as JSON.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "sandboxctl/coverage_report.h"
#include "sandboxctl/test_case.h"

#include <stdbool.h>
#include <stdio.h>

void test_report_text(FILE *out, bool colour, const char *plugin, const struct test_cases *cases);
void test_report_tap(FILE *out, const struct test_cases *cases);
// `coverage` may be NULL.
void test_report_json(struct buffer *out, const char *plugin, const struct test_cases *cases,
                      const struct coverage_report *coverage, const struct bundle *bundle);
// Writes the file as a whole or not at all.
bool test_report_junit(const char *path, const char *plugin, const struct test_cases *cases,
                       struct error *err);

size_t test_cases_failed(const struct test_cases *cases);
