// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test_case.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    assert_string_equal(cases.items[0].context, "{\"x\": 1}");
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
        {"{\"name\": \"a\", \"name\": \"b\"}", "the member \"name\" stands there twice"},
        {"{\"expect\": {\"a\": 1, \"a\": 2}}", "duplicate"},
        {"{\"expect\": {}, \"limits\": {\"instructions\": 1000.0}}",
         "\"limits.instructions\": expected a whole"},
        {"{\"expect\": {}, \"limits\": {\"instructions\": true}}",
         "\"limits.instructions\": expected a whole"},
        {"{\"expect\": {}, \"seed\": 18446744073709551616}", "\"seed\": expected a whole number"},
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
        assert_true(test_cases_load(&cases, scratch->path, &err));
        assert_int_equal(cases.count, 1);
        assert_true(cases.items[0].faulty);
        if (strstr(cases.items[0].verdict.problem, rows[i][1]) == NULL)
            fail_msg("%s: got %s", rows[i][0], cases.items[0].verdict.problem);
        test_cases_free(&cases);
    }
}

static void numbers_are_kept_as_they_are_written(void **state)
{
    struct scratch_folder *scratch = *state;
    struct test_cases cases;
    scratch_write(
        scratch, "tests/a.json",
        "{\"context\": 123456789012345678901234567890, \"seed\": 18446744073709551615, \"expect\": {}}");
    assert_true(test_cases_load(&cases, scratch->path, NULL));
    assert_string_equal(cases.items[0].context, "123456789012345678901234567890");
    assert_true(cases.items[0].seed == UINT64_MAX);
    assert_false(cases.items[0].faulty);
    test_cases_free(&cases);
}

static void a_policy_document_is_found_from_the_plugins_folder(void **state)
{
    struct scratch_folder *scratch = *state;
    struct test_cases cases;
    char path[256];
    scratch_write(scratch, "tests/a.json",
                  "[{\"policy\": \"pol.json\", \"expect\": {}}, {\"policy\": \"strict\", \"expect\": {}},"
                  " {\"policy\": \"/p.json\", \"expect\": {}}]");
    scratch_path(scratch, "pol.json", path);
    assert_true(test_cases_load(&cases, scratch->path, NULL));
    assert_string_equal(cases.items[0].policy, path);
    assert_string_equal(cases.items[1].policy, "strict");
    assert_string_equal(cases.items[2].policy, "/p.json");
    test_cases_free(&cases);
}

static void what_is_no_readable_file_fails_alone(void **state)
{
    struct scratch_folder *scratch = *state;
    struct test_cases cases;
    char path[256];
    scratch_write(scratch, "tests/a.json", "{\"expect\": {}}");
    scratch_path(scratch, "tests/.#a.json", path);
    assert_int_equal(symlink("nobody@nowhere", path), 0);
    scratch_path(scratch, "tests/f.json", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_true(test_cases_load(&cases, scratch->path, NULL));
    assert_int_equal(cases.count, 2);
    assert_false(cases.items[0].faulty);
    assert_true(cases.items[1].faulty);
    assert_non_null(strstr(cases.items[1].verdict.problem, "tests/f.json: expected a file"));
    test_cases_free(&cases);
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
        cmocka_unit_test_setup_teardown(numbers_are_kept_as_they_are_written, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_policy_document_is_found_from_the_plugins_folder, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_readable_file_fails_alone, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(no_case_at_all_is_an_error, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
