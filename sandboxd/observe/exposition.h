// SPDX-License-Identifier: Apache-2.0
// Writing metrics as Prometheus text (0.0.4) or OpenMetrics (1.0.0). One thread at a time.
#pragma once

#include "base/buffer.h"
#include "sandboxd/observe/metrics.h"

struct exposition {
    struct buffer *out;
    bool openmetrics;
};

// HELP and TYPE. `name` of a counter ends in _total.
void exposition_family(struct exposition *exposition, const char *name, const char *help,
                       enum metric_kind kind);
// One sample: `labels` is "a=\"b\",c=\"d\"" (made with exposition_label) or "".
void exposition_sample(struct exposition *exposition, const char *name, const char *labels, double value);
// Adds a trace to the bucket's sample that was written last; nothing where the format has no exemplars.
void exposition_exemplar(struct exposition *exposition, const char *trace_id, double value, int64_t unix_ms);
// Appends `name="value"`, escaped, with a comma before it unless `labels` is empty.
void exposition_label(struct buffer *labels, const char *name, const char *value);
// The last line, where the format wants one.
void exposition_end(struct exposition *exposition);
// "1.0", "0.005": the form of a bucket's bound that both formats take.
void exposition_bound(struct buffer *out, double bound);
