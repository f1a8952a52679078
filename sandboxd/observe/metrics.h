// SPDX-License-Identifier: Apache-2.0
// Counters and histograms of the service. Adding to one takes no lock once its label values have been seen,
// or are counted under "other"; neither does a scrape. Values are whole numbers of the family's raw unit
// (microseconds, bytes, 1) and become base units when shown. Any thread.
#pragma once

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum metric_family {
    METRIC_RUNS,             // status, policy
    METRIC_RUN_DURATION,     // policy
    METRIC_RUN_CPU,          // policy
    METRIC_RUN_MEMORY,       // policy
    METRIC_RUN_STAGE,        // stage
    METRIC_LIMIT_OVERSHOOT,  // limit
    METRIC_DENIED_SYSCALLS,  // syscall
    METRIC_AUDITED_SYSCALLS, // syscall
    METRIC_POLICY_RELOADS,   // result
    METRIC_HTTP_REQUESTS,    // method, route, code
    METRIC_HTTP_DURATION,    // method, route
    METRIC_RATE_LIMITED,     // scope, unit
    METRIC_COST,             // plan
    METRIC_FAMILY_COUNT,
};

enum { METRIC_LABELS_MAX = 3, METRIC_SERIES_MAX = 2000, METRIC_LABEL_SIZE = 80 };

enum metric_kind { KIND_COUNTER, KIND_GAUGE, KIND_HISTOGRAM };

struct metric_info {
    const char *name;
    const char *help;
    enum metric_kind kind;
    const char *labels[METRIC_LABELS_MAX]; // NULL after the last
    const uint64_t *bounds;                // histogram: upper bounds in the raw unit, ascending
    unsigned bound_count;
    double scale;   // raw units in one base unit: 1e6 for microseconds shown as seconds
    bool exemplars; // its buckets remember a trace
};

extern const struct metric_info metric_table[METRIC_FAMILY_COUNT];

struct metrics;

struct metrics *metrics_new(struct error *err);
void metrics_free(struct metrics *metrics);

// Adds to a counter, or one observation to a histogram. Label values in the order of the family's labels
// ("" or NULL: none); they are cut at METRIC_LABEL_SIZE. Above METRIC_SERIES_MAX series new ones are counted
// under "other".
void metrics_add(struct metrics *metrics, enum metric_family family, uint64_t amount, const char *label_0,
                 const char *label_1, const char *label_2);
// The same, and the histogram's bucket remembers the trace (32 hex digits; NULL: none).
void metrics_add_traced(struct metrics *metrics, enum metric_family family, uint64_t amount,
                        const char *label_0, const char *label_1, const char *label_2, const char *trace_id);
// The value of a counter or the number of observations of a histogram; 0 if it was never touched.
uint64_t metrics_read(struct metrics *metrics, enum metric_family family, const char *label_0,
                      const char *label_1, const char *label_2);
// Adds up a whole family, over all label values.
uint64_t metrics_read_all(struct metrics *metrics, enum metric_family family);
// The same, of those whose label at `index` has this value.
uint64_t metrics_read_where(struct metrics *metrics, enum metric_family family, unsigned index,
                            const char *value);
// An estimate of a quantile (0..1) of a family of histograms over all label values, in the raw unit; 0 if
// nothing was observed.
double metrics_quantile(struct metrics *metrics, enum metric_family family, double quantile);

struct exposition;
// Writes every family that has series.
void metrics_expose(struct metrics *metrics, struct exposition *out);
