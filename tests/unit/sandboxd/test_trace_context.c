// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/http/trace_context.h"

#include <string.h>

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

static void trace_goes_on_with_the_callers(void **state)
{
    (void)state;
    struct trace_context trace;
    trace_context_begin(&trace, "00-" TRACE "-" SPAN "-01");
    assert_string_equal(trace.trace_id, TRACE);
    assert_string_equal(trace.parent_span_id, SPAN);
    assert_string_not_equal(trace.span_id, SPAN);
    assert_true(trace.sampled);
    char text[TRACEPARENT_SIZE + 1];
    trace_context_format(&trace, text);
    assert_int_equal(strlen(text), TRACEPARENT_SIZE);
    assert_memory_equal(text, "00-" TRACE "-", 36);
    assert_memory_equal(text + 52, "-01", 3);
}

static void trace_reads_a_later_version(void **state)
{
    (void)state;
    struct trace_context trace;
    trace_context_begin(&trace, "cc-" TRACE "-" SPAN "-00-what-comes");
    assert_string_equal(trace.trace_id, TRACE);
    assert_false(trace.sampled);
}

static void trace_starts_anew_without_a_good_one(void **state)
{
    (void)state;
    const char *const bad[] = {NULL,
                               "",
                               "00-" TRACE "-" SPAN,
                               "ff-" TRACE "-" SPAN "-01",
                               "00-" TRACE "-" SPAN "-01-more",
                               "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01",
                               "00-00000000000000000000000000000000-" SPAN "-01",
                               "00-" TRACE "-0000000000000000-01",
                               "0x-" TRACE "-" SPAN "-01",
                               "cc-" TRACE "-" SPAN "-00.x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct trace_context trace;
        trace_context_begin(&trace, bad[i]);
        assert_string_not_equal(trace.trace_id, TRACE);
        assert_int_equal(strlen(trace.trace_id), TRACE_ID_SIZE);
        assert_string_equal(trace.parent_span_id, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_goes_on_with_the_callers),
        cmocka_unit_test(trace_reads_a_later_version),
        cmocka_unit_test(trace_starts_anew_without_a_good_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
