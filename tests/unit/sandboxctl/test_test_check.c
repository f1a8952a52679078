// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test_case.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_problem(struct test_case *test, const struct run_result *result, const char *expected)
{
    test_case_check(test, result);
    if (expected == NULL) {
        assert_true(test->verdict.passed);
        assert_null(test->verdict.problem);
        return;
    }
    assert_false(test->verdict.passed);
    if (strstr(test->verdict.problem, expected) == NULL)
        fail_msg("expected %s, got %s", expected, test->verdict.problem);
    free(test->verdict.problem);
}

static void status_and_output_have_to_match(void **state)
{
    (void)state;
    json_t *five = json_integer(5);
    struct test_case test = {.status = OUTCOME_OK, .output = five};
    struct run_result result = {.outcome = OUTCOME_OK, .output = bytes_of_text("5"), .message = ""};
    expect_problem(&test, &result, NULL);
    result.output = bytes_of_text("6");
    expect_problem(&test, &result, "$: expected 5");
    result.outcome = OUTCOME_PLUGIN_ERROR;
    result.message = "broken";
    expect_problem(&test, &result, "expected status ok, got plugin_error: broken");
    json_decref(five);
}

static void the_error_has_to_match_its_expression(void **state)
{
    (void)state;
    struct test_case test = {
        .status = OUTCOME_PLUGIN_ERROR, .has_error = true, .error_text = (char *)"^no .*s$"};
    assert_int_equal(regcomp(&test.error, test.error_text, REG_EXTENDED | REG_NOSUB), 0);
    struct run_result result = {.outcome = OUTCOME_PLUGIN_ERROR};
    result.message = "no items";
    expect_problem(&test, &result, NULL);
    result.message = "some items";
    expect_problem(&test, &result, "expected an error that matches");
    regfree(&test.error);
}

static void usage_has_to_stay_under_its_ceilings(void **state)
{
    (void)state;
    json_t *usage = json_pack("{s:f, s:i}", "cpu_ms", 1.5, "memory_bytes", 1000);
    struct test_case test = {.status = OUTCOME_OK, .usage = usage};
    struct run_result result = {.outcome = OUTCOME_OK, .output = bytes_of_text("1"), .message = ""};
    result.figures.cpu_us = 1500;
    result.figures.memory_bytes = 1000;
    expect_problem(&test, &result, NULL);
    result.figures.cpu_us = 1501;
    expect_problem(&test, &result, "expected cpu_ms of at most 1.5, used 1.501");
    result.figures.cpu_us = 1500;
    json_object_set_new(usage, "memory_bytes", json_string("1MiB"));
    json_object_set_new(usage, "rss_bytes", json_integer(1234567));
    result.figures.memory_bytes = 1048576;
    result.figures.rss_bytes = 1234568;
    expect_problem(&test, &result, "expected rss_bytes of at most 1234567, used 1234568");
    result.figures.rss_bytes = 0;
    expect_problem(&test, &result, NULL);
    result.figures.memory_bytes++;
    expect_problem(&test, &result, "expected memory_bytes of at most 1MiB, used 1048577");
    json_decref(usage);
}

static void a_refused_context_is_what_a_case_may_expect(void **state)
{
    (void)state;
    struct test_case test = {.unfit = true, .has_error = true, .error_text = (char *)"/context/a: "};
    const struct error err = {.kind = ERROR_INVALID, .text = "it does not fit"};
    struct diagnostics faults;
    diagnostics_init(&faults);
    assert_int_equal(regcomp(&test.error, test.error_text, REG_EXTENDED | REG_NOSUB), 0);
    test_case_refused(&test, &err, &faults);
    assert_false(test.verdict.passed);
    free(test.verdict.problem);
    diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, "/context/a", "expected a text");
    test_case_refused(&test, &err, &faults);
    assert_true(test.verdict.passed);
    test.unfit = false;
    test_case_refused(&test, &err, &faults);
    assert_string_equal(test.verdict.problem, "it does not fit\n/context/a: expected a text");
    free(test.verdict.problem);
    test.unfit = true;
    struct run_result result = {.outcome = OUTCOME_OK, .message = "/context/a: "};
    expect_problem(&test, &result, "expected status invalid_context, got ok");
    regfree(&test.error);
    diagnostics_free(&faults);
}

static void what_is_no_ceiling_is_told_before_anything_is_run(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"{\"memory_byte\": 1}",
         "x: \"usage.memory_byte\": there is no such figure; did you mean \"memory_bytes\"?"},
        {"{\"cpu_ms\": true}", "x: \"usage.cpu_ms\": expected a number"},
        {"{\"cpu_ms\": -1}", "x: \"usage.cpu_ms\": expected a number"},
        {"{\"memory_bytes\": \"1 ell\"}", "x: \"usage.memory_bytes\": "},
        {"{\"instructions\": \"1MiB\"}", "x: \"usage.instructions\": "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err;
        json_t *usage = json_loads(rows[i][0], 0, NULL);
        assert_false(test_usage_valid(usage, "x", &err));
        if (strstr(err.text, rows[i][1]) == NULL)
            fail_msg("%s: got %s", rows[i][0], err.text);
        json_decref(usage);
    }
    assert_true(test_usage_valid(NULL, "x", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_and_output_have_to_match),
        cmocka_unit_test(the_error_has_to_match_its_expression),
        cmocka_unit_test(a_refused_context_is_what_a_case_may_expect),
        cmocka_unit_test(what_is_no_ceiling_is_told_before_anything_is_run),
        cmocka_unit_test(usage_has_to_stay_under_its_ceilings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
