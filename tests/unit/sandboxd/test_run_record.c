// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/json_cursor.h"
#include "sandboxd/store/run_record.h"

#include <string.h>

static const char id[] = "0193d2a4-0001-7000-8000-000000000000";

static struct run_result failed_result(const char *message)
{
    static const struct stack_frame frames[] = {
        {.source = {"[C]", 3}}, {.source = {"main.lua", 8}, .line = 12, .function = {"fib", 3}}};
    struct run_result result = {.run_id = id,
                                .outcome = OUTCOME_CPU_LIMIT,
                                .message = message,
                                .traceback_count = 2,
                                .traceback = frames,
                                .limit_hit = true,
                                .limit = LIMIT_CPU_MS,
                                .limit_observed_us_or_bytes = 200700,
                                .policy_name = "default",
                                .policy_version = "sha256:0"};
    result.limits.limits.value[LIMIT_CPU_MS] = 200;
    result.limits.set_by[LIMIT_CPU_MS] = ORIGIN_REQUEST;
    return result;
}

static void a_record_keeps_the_innermost_line_of_the_plugin(void **state)
{
    (void)state;
    struct run_result result = failed_result("CPU limit of 200 ms reached");
    struct run_record record;
    run_record_take(&record, &result, bytes_of("", 0));
    assert_string_equal(record.source, "main.lua");
    assert_string_equal(record.function, "fib");
    assert_int_equal(record.line, 12);
    assert_int_equal(record.limit_set_by, ORIGIN_REQUEST);
}

static void a_place_that_may_be_of_a_large_context_is_left_out(void **state)
{
    (void)state;
    static char context[100000];
    memset(context, ' ', sizeof context);
    struct run_result result = failed_result("x");
    struct run_record record;
    run_record_take(&record, &result, bytes_of(context, sizeof context));
    assert_string_equal(record.source, "main.lua");
    memcpy(context + sizeof context - 10, "\"main.lua\"", 10);
    run_record_take(&record, &result, bytes_of(context, sizeof context));
    assert_string_equal(record.source, "?");
    assert_string_equal(record.function, "fib");
    assert_int_equal(record.line, 12);
}

static void long_messages_are_cut_between_characters(void **state)
{
    (void)state;
    char message[1000];
    for (unsigned start = 0; start < 3; start++) {
        size_t length = 0;
        for (; length < start; length++)
            message[length] = 'x';
        for (; length + 3 < sizeof message; length += 3)
            memcpy(message + length, "\xe2\x82\xac", 3);
        message[length] = '\0';
        struct run_result result = failed_result(message);
        struct run_record record;
        run_record_take(&record, &result, bytes_of("", 0));
        assert_true(strlen(record.message) > 190 && strlen(record.message) <= 200);
        assert_int_equal(strncmp(message, record.message, strlen(record.message)), 0);
        struct buffer out = buffer_make(1 << 16);
        run_record_put(&out, &record);
        assert_true(json_check(bytes_of(out.data, out.length), 16, NULL));
        buffer_free(&out);
    }
}

static void a_record_is_shown_as_json(void **state)
{
    (void)state;
    struct run_result result = failed_result("CPU limit of 200 ms reached");
    struct run_record record;
    run_record_take(&record, &result, bytes_of("", 0));
    struct buffer out = buffer_make(1 << 16);
    run_record_put(&out, &record);
    static const char *const parts[] = {
        "\"id\":\"0193d2a4-0001-7000-8000-000000000000\"", "\"started_at\":\"2024-12-17T03:23:03.553Z",
        "\"status\":\"cpu_limit\",\"success\":false",
        "\"error\":{\"type\":\"cpu_limit\",\"owner\":\"plugin\",\"message\":\"CPU limit of 200 ms reached\","
        "\"where\":{\"source\":\"main.lua\",\"line\":12,\"function\":\"fib\"},"
        "\"limit\":{\"name\":\"cpu_ms\",\"value\":200,\"observed\":200.7,\"set_by\":\"request\"}}",
        "\"plugin\":null,\"tenant\":null,\"plan\":null,\"cost_micros\":0,\"code_sha256\":null,\"trace_id\":"
        "null}"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(out.data, parts[i]))
            fail_msg("no %s in %s", parts[i], out.data);
    buffer_free(&out);
}

static void the_time_of_a_run_is_in_its_id(void **state)
{
    (void)state;
    assert_int_equal(run_id_unix_ms("00000000-0000-7fff-8000-000000000000"), 0);
    assert_int_equal(run_id_unix_ms("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), 1645557742000); // RFC 9562, A.6
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_keeps_the_innermost_line_of_the_plugin),
        cmocka_unit_test(a_place_that_may_be_of_a_large_context_is_left_out),
        cmocka_unit_test(long_messages_are_cut_between_characters),
        cmocka_unit_test(a_record_is_shown_as_json),
        cmocka_unit_test(the_time_of_a_run_is_in_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
