// SPDX-License-Identifier: Apache-2.0
#include "base/json_cursor.h"
#include "tests/support/cmocka_all.h"
#include "tests/unit/validation/fixture.h"

struct subject {
    struct policy policy;
    struct validation_input input;
    struct validation *validation;
    struct run_request request;
};

static int setup(void **state)
{
    static struct subject subject;
    subject = (struct subject){.policy = fixture_validation_policy()};
    subject.input.policy = &subject.policy;
    fixture_module(&subject.input, "main.lua", bytes_of_text("return 1"));
    fixture_module(&subject.input, "util", bytes_of_text("return 2"));
    subject.validation = validation_new(&subject.input, NULL);
    validation_request(subject.validation, &subject.input, &subject.request);
    *state = &subject;
    return subject.validation == NULL;
}

static int teardown(void **state)
{
    validation_free(((struct subject *)*state)->validation);
    return 0;
}

static struct run_result ended(const struct subject *subject, enum outcome outcome, const char *output)
{
    return (struct run_result){.run_id = "",
                               .outcome = outcome,
                               .output = bytes_of_text(output),
                               .message = outcome == OUTCOME_OK ? "" : "told",
                               .limits = subject->request.limits};
}

static void expect_json(const struct subject *subject, const char *json)
{
    struct buffer out = buffer_make(1 << 20);
    validation_put_json(subject->validation, &out);
    assert_string_equal(out.data, json);
    buffer_free(&out);
}

static void the_request_has_all_that_the_engine_needs(void **state)
{
    struct subject *subject = *state;
    subject->policy.lua_allowed[LUA_NAME_BASE_LOAD] = false;
    struct validation *validation = validation_new(&subject->input, NULL);
    validation_request(validation, &subject->input, &subject->request);
    const struct run_request *request = &subject->request;
    assert_int_equal(request->kind, JOB_VALIDATE);
    assert_int_equal(request->module_count, 2);
    assert_true(run_limits_valid(&request->limits.limits));
    assert_true(json_check(request->context, 4, &(struct json_fault){0}));
    static const char head[] = "{\"policy\":\"tested\",\"allowed\":[\"assert\",";
    assert_memory_equal(request->context.data, head, sizeof head - 1);
    assert_non_null(memmem(request->context.data, request->context.length, "\"string.rep\"", 12));
    assert_null(memmem(request->context.data, request->context.length, "\"load\"", 6));
    validation_free(validation);
}

static void no_findings_are_valid(void **state)
{
    struct subject *subject = *state;
    struct run_result result = ended(subject, OUTCOME_OK, "{\"findings\":[],\"omitted\":0}");
    assert_true(validation_take(subject->validation, &result, NULL));
    expect_json(subject, "{\"valid\":true,\"diagnostics\":[]}");
}

static void warnings_do_not_make_it_invalid(void **state)
{
    struct subject *subject = *state;
    struct run_result result =
        ended(subject, OUTCOME_OK,
              "{\"findings\":[{\"code\":\"unused_value\",\"message\":\"m\",\"module\":2,\"line\":3,"
              "\"column\":1,\"end_column\":2}],\"omitted\":12}");
    assert_true(validation_take(subject->validation, &result, NULL));
    expect_json(subject,
                "{\"valid\":true,\"diagnostics\":["
                "{\"severity\":\"warning\",\"code\":\"too_many\",\"message\":\"12 more were found, and "
                "are not told here\",\"source\":\"main.lua\"},"
                "{\"severity\":\"warning\",\"code\":\"unused_value\",\"message\":\"m\",\"source\":"
                "\"util\",\"line\":3,\"column\":1,\"end_column\":2}]}");
}

static void a_validator_that_talks_nonsense_or_dies_makes_it_invalid(void **state)
{
    struct subject *subject = *state;
    struct run_result result = ended(subject, OUTCOME_OK, "{\"diagnostics\":[]}");
    assert_true(validation_take(subject->validation, &result, NULL));
    assert_false(validation_is_valid(subject->validation));
    result = ended(subject, OUTCOME_CRASHED, "");
    assert_true(validation_take(subject->validation, &result, NULL));
    const struct findings *findings = validation_findings(subject->validation);
    assert_int_equal(findings->count, 2);
    assert_int_equal(findings->items[0].code, VALIDATION_CODE_FAILED);
    assert_int_equal(findings->items[1].code, VALIDATION_CODE_FAILED);
}

static void a_limit_is_a_finding_with_the_line_that_was_compiled(void **state)
{
    struct subject *subject = *state;
    const struct stack_frame frame = {.source = bytes_of_text("util"), .line = 7};
    struct run_result result = ended(subject, OUTCOME_CPU_LIMIT, "");
    result.limit_hit = true;
    result.limit = LIMIT_CPU_MS;
    result.traceback = &frame;
    result.traceback_count = 1;
    assert_true(validation_take(subject->validation, &result, NULL));
    expect_json(subject,
                "{\"valid\":false,\"diagnostics\":[{\"severity\":\"error\",\"code\":\"validation_limit\","
                "\"message\":\"checking it reached the validator's own limit of 10 s (cpu_ms): split it "
                "into smaller functions and modules\",\"source\":\"util\",\"line\":7}]}");
}

static void what_tells_nothing_of_the_plugin_is_an_error(void **state)
{
    struct subject *subject = *state;
    struct error err;
    struct run_result result = ended(subject, OUTCOME_INTERNAL_ERROR, "");
    assert_false(validation_take(subject->validation, &result, &err));
    assert_int_equal(err.kind, ERROR_UNSUPPORTED);
    result = ended(subject, OUTCOME_CANCELLED, "");
    assert_false(validation_take(subject->validation, &result, &err));
    assert_int_equal(err.kind, ERROR_CLOSED);
    assert_int_equal(validation_findings(subject->validation)->count, 0);
}

static void faults_of_the_manifest_come_first(void **state)
{
    struct subject *subject = *state;
    struct diagnostics faults;
    diagnostics_init(&faults);
    diagnostics_add(&faults, "plugin.json", 2, 5, "/version", "expected a semantic version");
    validation_add_manifest_faults(subject->validation, &faults);
    diagnostics_free(&faults);
    expect_json(subject, "{\"valid\":false,\"diagnostics\":[{\"severity\":\"error\",\"code\":\"manifest\","
                         "\"message\":\"/version: expected a semantic version\",\"source\":\"plugin.json\","
                         "\"line\":2,\"column\":5,\"end_column\":6}]}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_request_has_all_that_the_engine_needs),
        TEST(no_findings_are_valid),
        TEST(warnings_do_not_make_it_invalid),
        TEST(a_validator_that_talks_nonsense_or_dies_makes_it_invalid),
        TEST(a_limit_is_a_finding_with_the_line_that_was_compiled),
        TEST(what_tells_nothing_of_the_plugin_is_an_error),
        TEST(faults_of_the_manifest_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
