// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/observe/exposition.h"

#include "base/json_write.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char *const kind_names[] = {
    [KIND_COUNTER] = "counter", [KIND_GAUGE] = "gauge", [KIND_HISTOGRAM] = "histogram"};

void exposition_family(struct exposition *exposition, const char *name, const char *help,
                       enum metric_kind kind)
{
    size_t length = strlen(name);
    // In OpenMetrics a counter's family is named without the suffix of its samples.
    if (exposition->openmetrics && kind == KIND_COUNTER && length > 6 &&
        strcmp(name + length - 6, "_total") == 0)
        length -= 6;
    buffer_printf(exposition->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)length, name, help, (int)length,
                  name, kind_names[kind]);
}

static void put_number(struct buffer *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e15)
        json_put_integer(out, (int64_t)value);
    else
        json_put_double(out, value);
}

void exposition_sample(struct exposition *exposition, const char *name, const char *labels, double value)
{
    struct buffer *out = exposition->out;
    buffer_append_text(out, name);
    if (labels[0] != '\0') {
        buffer_append_byte(out, '{');
        buffer_append_text(out, labels);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ' ');
    put_number(out, value);
    buffer_append_byte(out, '\n');
}

void exposition_exemplar(struct exposition *exposition, const char *trace_id, double value, int64_t unix_ms)
{
    struct buffer *out = exposition->out;
    if (!exposition->openmetrics || !buffer_ok(out))
        return;
    out->length--; // the end of the sample's line
    buffer_printf(out, " # {trace_id=\"%s\"} ", trace_id);
    put_number(out, value);
    buffer_printf(out, " %" PRId64 ".%03d\n", unix_ms / 1000, (int)(unix_ms % 1000));
}

void exposition_label(struct buffer *labels, const char *name, const char *value)
{
    if (labels->length > 0)
        buffer_append_byte(labels, ',');
    buffer_append_text(labels, name);
    buffer_append_text(labels, "=\"");
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            buffer_append_text(labels, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\')
            buffer_append_byte(labels, '\\');
        buffer_append_byte(labels, *value);
    }
    buffer_append_byte(labels, '"');
}

void exposition_end(struct exposition *exposition)
{
    if (exposition->openmetrics)
        buffer_append_text(exposition->out, "# EOF\n");
}

void exposition_bound(struct buffer *out, double bound)
{
    if (bound == floor(bound) && bound < 1e15)
        buffer_printf(out, "%.1f", bound);
    else
        buffer_printf(out, "%.9g", bound);
}
