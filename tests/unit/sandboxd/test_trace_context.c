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
    trace_context_adopt(&trace);
    assert_string_equal(trace.trace_id, TRACE);
    assert_true(trace.has_parent);
    assert_string_equal(trace.caller.span_id, SPAN);
    assert_true(trace.caller.sampled);
    assert_string_not_equal(trace.span_id, SPAN);
    trace.sampled = true;
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
    assert_string_equal(trace.caller.trace_id, TRACE);
    assert_false(trace.caller.sampled);
}

static void trace_of_a_caller_that_is_not_trusted_is_only_remembered(void **state)
{
    (void)state;
    struct trace_context trace;
    trace_context_begin(&trace, "00-" TRACE "-" SPAN "-01");
    assert_string_not_equal(trace.trace_id, TRACE);
    assert_false(trace.has_parent);
    assert_false(trace.sampled);
    assert_string_equal(trace.caller.trace_id, TRACE);
}

static void state_is(const char *const fields[], const char *expected)
{
    char memory[TRACESTATE_BYTES_MAX + 1] = "";
    struct buffer state = buffer_over(memory, sizeof(memory));
    for (; *fields != NULL; fields++)
        trace_state_add(&state, bytes_of_text(*fields));
    if (expected == NULL)
        assert_false(buffer_ok(&state));
    else
        assert_string_equal(memory, expected);
}

#define STATE_IS(expected_, ...) state_is((const char *const[]){__VA_ARGS__, NULL}, expected_)

static void trace_state_joins_fields_and_keeps_their_order(void **state)
{
    (void)state;
    STATE_IS("a=1,b=x y,v@t=2", " a=1 ,, b=x y", "", "v@t=2\t");
    STATE_IS("", " , ");
}

static void trace_state_that_breaks_a_rule_is_dropped(void **state)
{
    (void)state;
    STATE_IS(NULL, "a");
    STATE_IS(NULL, "A=1");
    STATE_IS(NULL, "a=");
    STATE_IS(NULL, "=1");
    STATE_IS(NULL, "_a=1");
    STATE_IS(NULL, "a=1=2");
    STATE_IS(NULL, "a=1", "b=\x01");
    char many[256] = "";
    for (int i = 0; i < TRACESTATE_MEMBERS_MAX; i++)
        strcat(many, "a=1,");
    STATE_IS(NULL, many, "b=1");
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
        trace_context_adopt(&trace);
        assert_false(trace.has_parent);
        assert_string_equal(trace.caller.span_id, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_goes_on_with_the_callers),
        cmocka_unit_test(trace_reads_a_later_version),
        cmocka_unit_test(trace_of_a_caller_that_is_not_trusted_is_only_remembered),
        cmocka_unit_test(trace_state_joins_fields_and_keeps_their_order),
        cmocka_unit_test(trace_state_that_breaks_a_rule_is_dropped),
        cmocka_unit_test(trace_starts_anew_without_a_good_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
