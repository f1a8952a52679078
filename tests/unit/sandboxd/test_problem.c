// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/http/problem.h"

#include <jansson.h>

static json_t *render(const struct problem *problem)
{
    struct buffer out = buffer_make(65536);
    problem_put(&out, problem);
    assert_true(buffer_ok(&out));
    json_t *document = json_loadb(out.data, out.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    buffer_free(&out);
    return document;
}

static void problem_has_every_member_that_applies(void **state)
{
    (void)state;
    struct diagnostics faults;
    diagnostics_init(&faults);
    diagnostics_add(&faults, "request", 0, 0, "/limits/cpu_ms", "too \"much\"");
    json_t *document = render(&(struct problem){.code = PROBLEM_LIMIT_OUT_OF_RANGE,
                                                .detail = "d\xff",
                                                .instance = "/v1/runs",
                                                .request_id = "r",
                                                .trace_id = "t",
                                                .run_id = "u",
                                                .faults = &faults});
    const char *code = NULL, *pointer = NULL, *detail = NULL, *type = NULL;
    int status = 0;
    assert_int_equal(json_unpack(document, "{s:s, s:s, s:i, s:[{s:s, s:s}]}", "code", &code, "type", &type,
                                 "status", &status, "errors", "pointer", &pointer, "detail", &detail),
                     0);
    assert_string_equal(code, "limit_out_of_range");
    assert_string_equal(type, "urn:sandboxd:problem:limit_out_of_range");
    assert_int_equal(status, 422);
    assert_string_equal(pointer, "/limits/cpu_ms");
    assert_string_equal(detail, "too \"much\"");
    json_decref(document);
    diagnostics_free(&faults);
}

static void problem_leaves_out_what_does_not_apply(void **state)
{
    (void)state;
    json_t *document = render(&(struct problem){.code = PROBLEM_NOT_FOUND, .detail = "x"});
    assert_null(json_object_get(document, "errors"));
    assert_null(json_object_get(document, "run_id"));
    assert_int_equal(json_object_size(document), 5);
    json_decref(document);
}

static void problem_codes_are_complete_and_different(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROBLEM_CODE_COUNT; i++) {
        assert_non_null(problem_table[i].code);
        assert_non_null(problem_table[i].title);
        assert_in_range(problem_table[i].status, 400, 599);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(problem_table[i].code, problem_table[j].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problem_has_every_member_that_applies),
        cmocka_unit_test(problem_leaves_out_what_does_not_apply),
        cmocka_unit_test(problem_codes_are_complete_and_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
