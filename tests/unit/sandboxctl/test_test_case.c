// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test_case.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <string.h>

static void files_hold_one_case_or_a_list_in_the_order_of_names(void **state)
{
    struct scratch_folder *scratch = *state;
    struct test_cases cases;
    scratch_write(scratch, "tests/b.json", "{\"name\": \"last\", \"expect\": {}}");
    scratch_write(scratch, "tests/a.json",
                  "[{\"context\": {\"x\": 1}, \"seed\": 9, \"expect\": {\"status\": \"cpu_limit\"}},"
                  " {\"name\": \"second\", \"expect\": {\"output\": null, \"error\": \"a+\"}}]");
    scratch_write(scratch, "tests/notes.txt", "no case");
    assert_true(test_cases_load(&cases, scratch->path, NULL));
    assert_int_equal(cases.count, 3);
    assert_string_equal(cases.items[0].name, "case 1");
    assert_string_equal(cases.items[0].context, "{\"x\":1}");
    assert_int_equal(cases.items[0].seed, 9);
    assert_int_equal(cases.items[0].status, OUTCOME_CPU_LIMIT);
    assert_null(cases.items[0].output);
    assert_non_null(cases.items[1].output);
    assert_true(cases.items[1].has_error);
    assert_string_equal(cases.items[2].file, "tests/b.json");
    test_cases_free(&cases);
}

static void faults_name_file_case_and_member(void **state)
{
    struct scratch_folder *scratch = *state;
    static const char *const rows[][2] = {
        {"[1]", "tests/a.json: case 1: expected an object"},
        {"{", "a.json:1:"},
        {"{\"a\": 1, \"a\": 2}", "duplicate"},
        {"{\"expect\": {}, \"nmae\": 1}", "unknown member \"nmae\""},
        {"{\"expect\": {\"stauts\": 1}}", "unknown member \"stauts\""},
        {"{\"expect\": {}, \"name\": 1}", "\"name\": expected a text"},
        {"{\"expect\": {}, \"limits\": 1}", "\"limits\": expected an object"},
        {"{\"expect\": {}, \"seed\": -1}", "\"seed\": expected a whole number"},
        {"{\"expect\": {\"status\": \"fine\"}}", "expect.status"},
        {"{\"expect\": {\"error\": \"[\"}}", "no regular expression"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct test_cases cases;
        struct error err;
        scratch_write(scratch, "tests/a.json", rows[i][0]);
        assert_false(test_cases_load(&cases, scratch->path, &err));
        if (strstr(err.text, rows[i][1]) == NULL)
            fail_msg("%s: got %s", rows[i][0], err.text);
    }
}

static void no_case_at_all_is_an_error(void **state)
{
    struct scratch_folder *scratch = *state;
    struct test_cases cases;
    struct error err;
    assert_false(test_cases_load(&cases, scratch->path, &err));
    scratch_write(scratch, "tests/notes.txt", "no case");
    assert_false(test_cases_load(&cases, scratch->path, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_hold_one_case_or_a_list_in_the_order_of_names, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(faults_name_file_case_and_member, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(no_case_at_all_is_an_error, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
