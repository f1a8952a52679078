// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/trace/span.h"

#include <math.h>
#include <string.h>

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void span_has_the_json_form_of_otlp(void **state)
{
    (void)state;
    struct buffer out = buffer_make(4096);
    struct trace_caller caller = {.trace_id = TRACE, .span_id = "00f067aa0ba902b7", .sampled = true};
    span_open(&out, &(struct span_head){.trace_id = TRACE,
                                        .span_id = "1111111111111111",
                                        .parent_span_id = "2222222222222222",
                                        .parent_is_remote = true,
                                        .trace_state = "a=1",
                                        .name = "x \"y\"",
                                        .kind = SPAN_SERVER,
                                        .start_unix_ns = 1700000000000000001,
                                        .end_unix_ns = 1700000000000000002});
    span_text(&out, "t", "v");
    span_text(&out, "left.out", "");
    span_text(&out, "left.out", NULL);
    span_integer(&out, "i", -9007199254740993);
    span_bool(&out, "b", true);
    span_double(&out, "d", 0.5);
    span_double(&out, "left.out", INFINITY);
    span_close(&out, SPAN_ERROR, "why", &caller);
    assert_string_equal(
        out.data, "{\"traceId\":\"" TRACE "\",\"spanId\":\"1111111111111111\",\"traceState\":\"a=1\","
                  "\"parentSpanId\":\"2222222222222222\",\"flags\":769,\"name\":\"x \\\"y\\\"\",\"kind\":2,"
                  "\"startTimeUnixNano\":\"1700000000000000001\",\"endTimeUnixNano\":\"1700000000000000002\","
                  "\"attributes\":[{\"key\":\"t\",\"value\":{\"stringValue\":\"v\"}},"
                  "{\"key\":\"i\",\"value\":{\"intValue\":\"-9007199254740993\"}},"
                  "{\"key\":\"b\",\"value\":{\"boolValue\":true}},"
                  "{\"key\":\"d\",\"value\":{\"doubleValue\":0.5}}],"
                  "\"links\":[{\"traceId\":\"" TRACE "\",\"spanId\":\"00f067aa0ba902b7\",\"flags\":769}],"
                  "\"status\":{\"code\":2,\"message\":\"why\"}}");
    buffer_free(&out);
}

static void root_span_has_no_parent_and_no_link(void **state)
{
    (void)state;
    struct buffer out = buffer_make(4096);
    struct trace_caller nobody = {.trace_id = ""};
    span_open(&out, &(struct span_head){.trace_id = TRACE,
                                        .span_id = "1111111111111111",
                                        .parent_span_id = "",
                                        .trace_state = "",
                                        .name = "x",
                                        .kind = SPAN_INTERNAL,
                                        .start_unix_ns = 1,
                                        .end_unix_ns = 2});
    span_close(&out, SPAN_UNSET, NULL, &nobody);
    assert_null(strstr(out.data, "parentSpanId"));
    assert_null(strstr(out.data, "links"));
    assert_non_null(strstr(out.data, "\"attributes\":[],\"status\":{}}"));
    buffer_free(&out);
}

static void trace_state_is_shown_without_secrets(void **state)
{
    (void)state;
    const struct span_head head = {.trace_id = "0123456789abcdef0123456789abcdef",
                                   .span_id = "0123456789abcdef",
                                   .trace_state = "a=b,c=sbx_0123456789_abcdef,token=x",
                                   .parent_span_id = "",
                                   .name = "x"};
    struct buffer out = buffer_make(4096);
    span_open(&out, &head);
    assert_true(buffer_ok(&out));
    assert_non_null(memmem(out.data, out.length, "\"a=b,c=[redacted],token=[redacted]\"", 35));
    buffer_free(&out);
}

static void span_ids_are_hex_and_differ(void **state)
{
    (void)state;
    char a[SPAN_ID_SIZE + 1], b[SPAN_ID_SIZE + 1];
    span_id_make(a);
    span_id_make(b);
    assert_int_equal(strspn(a, "0123456789abcdef"), SPAN_ID_SIZE);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(span_has_the_json_form_of_otlp),
        cmocka_unit_test(root_span_has_no_parent_and_no_link),
        cmocka_unit_test(trace_state_is_shown_without_secrets),
        cmocka_unit_test(span_ids_are_hex_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
