// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/result_json.h"

#include "base/json_cursor.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct result_labels no_labels = {0};

static struct run_result plain(enum outcome outcome)
{
    return (struct run_result){
        .run_id = "0193d2a4-0000-7000-8000-000000000001",
        .outcome = outcome,
        .output = outcome == OUTCOME_OK ? bytes_of_text("{\"a\":[1,\"x\"]}") : (struct bytes){0},
        .message = outcome == OUTCOME_OK ? "" : "it \"ended\"",
        .policy_name = "default",
        .policy_version = "sha256:00",
        .limits.limits.value = {[LIMIT_WALL_MS] = 1000, [LIMIT_CPU_MS] = 200},
    };
}

static void expect(const struct run_result *result, const struct result_labels *labels,
                   const char *const *parts, size_t count)
{
    struct buffer out = buffer_make(100000);
    struct json_fault fault;
    result_json_put(&out, result, labels);
    assert_true(buffer_ok(&out));
    if (!json_check(bytes_of(out.data, out.length), 32, &fault))
        fail_msg("%s at %zu of %s", fault.what, fault.offset, out.data);
    for (size_t i = 0; i < count; i++)
        if (strstr(out.data, parts[i]) == NULL)
            fail_msg("%s is not in %s", parts[i], out.data);
    buffer_free(&out);
}

#define EXPECT(result, labels, ...) \
    expect((result), (labels), (const char *const[]){__VA_ARGS__}, \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void a_good_result_has_its_output_as_it_is_and_no_error(void **state)
{
    (void)state;
    struct run_result result = plain(OUTCOME_OK);
    result.figures = (struct run_figures){.wall_us = 310, .cpu_us = 220, .output_bytes = 13};
    EXPECT(&result, &no_labels, "\"status\":\"ok\"", "\"success\":true", "\"output\":{\"a\":[1,\"x\"]}",
           "\"error\":null", "\"logs\":[]", "\"wall_ms\":0.31", "\"instructions\":null", "\"cpu_ms\":200",
           "\"plugin\":null", "\"trace_id\":null");
}

static void every_outcome_is_valid_json_with_its_owner(void **state)
{
    (void)state;
    for (unsigned outcome = OUTCOME_OK + 1; outcome < OUTCOME_COUNT; outcome++) {
        struct run_result result = plain((enum outcome)outcome);
        EXPECT(&result, &no_labels, "\"success\":false", "\"output\":null",
               "\"message\":\"it \\\"ended\\\"\"", outcome_name((enum outcome)outcome), "\"owner\":\"");
    }
}

static void a_limit_tells_its_value_what_was_observed_and_who_set_it(void **state)
{
    (void)state;
    struct run_result result = plain(OUTCOME_CPU_LIMIT);
    result.limit_hit = true;
    result.limit = LIMIT_CPU_MS;
    result.limit_observed_us_or_bytes = 200700;
    result.limits.set_by[LIMIT_CPU_MS] = ORIGIN_REQUEST;
    EXPECT(&result, &no_labels,
           "\"limit\":{\"name\":\"cpu_ms\",\"value\":200,\"observed\":200.7,\"set_by\":\"request\"}");
}

static void where_is_the_innermost_line_of_lua(void **state)
{
    (void)state;
    const struct stack_frame traceback[] = {
        {.source = bytes_of_text("[C]"), .function = bytes_of_text("error")},
        {.source = bytes_of_text("main.lua"), .line = 12, .function = bytes_of_text("fib")},
    };
    struct run_result result = plain(OUTCOME_PLUGIN_ERROR);
    result.traceback = traceback;
    result.traceback_count = 2;
    result.value = bytes_of_text("{\"code\":42}");
    EXPECT(&result, &no_labels, "\"where\":{\"source\":\"main.lua\",\"line\":12,\"function\":\"fib\"}",
           "\"traceback\":[{\"source\":\"[C]\",\"function\":\"error\"},{", "\"value\":{\"code\":42}");
}

static void a_denied_call_and_audited_calls_are_named(void **state)
{
    (void)state;
    const struct audited_syscall audit[] = {{.number = 0, .count = 3}, {.number = 99999, .count = 1}};
    struct run_result result = plain(OUTCOME_SYSCALL_DENIED);
    result.syscall_known = true;
    result.syscall_number = 1;
    result.audit = audit;
    result.audit_count = 2;
    EXPECT(&result, &no_labels, "\"syscall\":{\"number\":1,\"name\":\"", "\"count\":3",
           "\"number\":99999,\"name\":\"unknown\",\"count\":1");
}

static void logs_and_labels_are_escaped(void **state)
{
    (void)state;
    const struct run_log_line lines[] = {
        {.level = LOG_LEVEL_INFO, .at_us = 120, .message = bytes_of_text("a\nb")},
        {.level = LOG_LEVEL_ERROR, .message = bytes_of("\xff", 1)},
    };
    const struct result_labels labels = {
        .plugin_name = "acme/slugify", .plugin_version = "1.2.0", .code_sha256 = "ab", .trace_id = "cd"};
    struct run_result result = plain(OUTCOME_OK);
    result.logs = lines;
    result.log_count = 2;
    result.logs_truncated = true;
    EXPECT(&result, &labels, "{\"level\":\"info\",\"message\":\"a\\nb\",\"at_ms\":0.12}",
           "\"level\":\"error\"", "\"logs_truncated\":true",
           "\"plugin\":{\"name\":\"acme/slugify\",\"version\":\"1.2.0\"}", "\"code_sha256\":\"ab\"",
           "\"trace_id\":\"cd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_result_has_its_output_as_it_is_and_no_error),
        cmocka_unit_test(every_outcome_is_valid_json_with_its_owner),
        cmocka_unit_test(a_limit_tells_its_value_what_was_observed_and_who_set_it),
        cmocka_unit_test(where_is_the_innermost_line_of_lua),
        cmocka_unit_test(a_denied_call_and_audited_calls_are_named),
        cmocka_unit_test(logs_and_labels_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
