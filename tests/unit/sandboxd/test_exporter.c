// SPDX-License-Identifier: Apache-2.0
// The queue, with a collector that nobody is; tests/integration/test_tracing.py has one of every kind.
#include "tests/support/cmocka_all.h"

#include "sandboxd/trace/exporter.h"

#include <string.h>

static void ignore_text(void *context, const char *text)
{
    (void)text;
    ++*(int *)context;
}

static void ignore(void *context)
{
    (void)context;
}

static struct exporter *start(int *losses)
{
    struct trace_settings settings;
    struct diagnostics faults;
    diagnostics_init(&faults);
    // Port 9 of loopback: nobody listens there.
    const char *const environment[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9",
                                       "OTEL_BSP_MAX_QUEUE_SIZE=8", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=8",
                                       "OTEL_BSP_SCHEDULE_DELAY=600000", NULL};
    trace_settings_read((char *const *)environment, &settings, &faults);
    diagnostics_free(&faults);
    const struct exporter_hooks hooks = {.lost = ignore_text, .recovered = ignore, .context = losses};
    struct error err;
    struct exporter *exporter = exporter_new(&settings, &hooks, &err);
    assert_non_null(exporter);
    return exporter;
}

static bool add(struct exporter *exporter)
{
    struct buffer span = buffer_make(64);
    buffer_append_text(&span, "{}");
    bool added = exporter_add(exporter, &span);
    assert_null(span.data);
    return added;
}

static void exporter_drops_and_counts_what_has_no_room(void **state)
{
    (void)state;
    int losses = 0;
    struct exporter *exporter = start(&losses);
    unsigned added = 0;
    for (int i = 0; i < 40; i++) // one batch in the thread's hands, one in the queue, and no more
        added += add(exporter);
    assert_in_range(added, 8, 16);
    struct exporter_figures figures;
    exporter_read_figures(exporter, &figures);
    assert_int_equal(figures.dropped_queue_full, 40 - added);
    assert_true(figures.queue_full);
    exporter_free(exporter, 1000);
    assert_in_range(losses, 1, 3); // that the queue was full, now or at the end, and perhaps a batch
}

static void exporter_counts_a_span_that_failed_as_dropped(void **state)
{
    (void)state;
    int losses = 0;
    struct exporter *exporter = start(&losses);
    struct buffer span = buffer_make(4);
    buffer_append_text(&span, "more than it holds");
    assert_false(exporter_add(exporter, &span));
    struct exporter_figures figures;
    exporter_read_figures(exporter, &figures);
    assert_int_equal(figures.dropped_queue_full, 1);
    assert_int_equal(figures.queued, 0);
    exporter_free(exporter, 0);
    assert_int_equal(losses, 1);
}

static void exporter_ends_at_once_without_a_collector(void **state)
{
    (void)state;
    int losses = 0;
    struct exporter *exporter = start(&losses);
    assert_true(add(exporter));
    exporter_free(exporter, 600000); // the test's time is far below
    assert_int_equal(losses, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exporter_drops_and_counts_what_has_no_room),
        cmocka_unit_test(exporter_counts_a_span_that_failed_as_dropped),
        cmocka_unit_test(exporter_ends_at_once_without_a_collector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
