// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/bundle.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <string.h>

static void a_file_is_a_plugin_of_one_module(void **state)
{
    struct scratch_folder *scratch = *state;
    struct bundle bundle;
    char path[256];
    scratch_write(scratch, "a.lua", "return 1");
    scratch_path(scratch, "a.lua", path);
    assert_true(bundle_load(&bundle, path, NULL));
    assert_int_equal(bundle.module_count, 1);
    assert_string_equal(bundle.modules[0].name, "a.lua");
    assert_string_equal(bundle.modules[0].code, "return 1");
    assert_null(bundle.manifest);
    bundle_free(&bundle);
}

static void the_entry_of_a_manifest_comes_first(void **state)
{
    struct scratch_folder *scratch = *state;
    struct bundle bundle;
    char path[256];
    scratch_write(scratch, "plugin.json",
                  "{\"entry\": \"z\", \"modules\": {\"a\": \"a.lua\", \"z\": \"z.lua\"}}");
    scratch_write(scratch, "a.lua", "A");
    scratch_write(scratch, "z.lua", "Z");
    scratch_path(scratch, "plugin.json", path);
    assert_true(bundle_load(&bundle, path, NULL));
    assert_int_equal(bundle.module_count, 2);
    assert_string_equal(bundle.modules[0].name, "z.lua");
    assert_string_equal(bundle.modules[0].code, "Z");
    assert_string_equal(bundle.modules[1].name, "a");
    bundle_free(&bundle);
}

static void faults_of_a_manifest_name_file_and_member(void **state)
{
    struct scratch_folder *scratch = *state;
    static const char *const rows[][2] = {
        {"{", "plugin.json:1:"},
        {"[]", "expected an object"},
        {"{}", "/modules"},
        {"{\"modules\": {\"a\": \"a.lua\"}}", "the entry \"main\" is not among the modules"},
        {"{\"name\": \"a\", \"name\": \"b\", \"modules\": {}}", "plugin.json:1:"},
        {"{\"modules\": {\"main\": 5}}", "/modules/main"},
        {"{\"modules\": {\"main\": \"/etc/passwd\"}}", "inside the plugin's folder"},
        {"{\"modules\": {\"main\": \"x/../../y.lua\"}}", "inside the plugin's folder"},
        {"{\"modules\": {\"main\": \"missing.lua\"}}", "No such file"},
        {"{\"entry\": 1, \"modules\": {}}", "/entry"},
    };
    char path[256];
    scratch_path(scratch, "plugin.json", path);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle bundle = {0};
        struct error err;
        scratch_write(scratch, "plugin.json", rows[i][0]);
        assert_false(bundle_load(&bundle, path, &err));
        if (strstr(err.text, rows[i][1]) == NULL)
            fail_msg("%s: got %s", rows[i][0], err.text);
    }
}

static void all_faults_are_told_with_their_lines_and_the_modules_are_read(void **state)
{
    struct scratch_folder *scratch = *state;
    struct bundle bundle;
    struct diagnostics faults;
    char path[256];
    scratch_write(
        scratch, "plugin.json",
        "{\"version\": \"one\",\n \"limits\": {\"cpu\": 1},\n \"modules\": {\"main\": \"main.lua\"}}");
    scratch_write(scratch, "main.lua", "return 1");
    scratch_path(scratch, "plugin.json", path);
    diagnostics_init(&faults);
    assert_true(bundle_read(&bundle, path, &faults, NULL));
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.items[0].file, path);
    assert_int_equal(faults.items[1].line, 2);
    assert_int_equal(bundle.module_count, 1);
    bundle_free(&bundle);
    diagnostics_free(&faults);
}

static void a_module_that_cannot_be_read_is_told_at_its_line(void **state)
{
    struct scratch_folder *scratch = *state;
    struct bundle bundle;
    struct diagnostics faults;
    char path[256];
    scratch_write(scratch, "plugin.json",
                  "{\"modules\": {\n\"main\": \"main.lua\",\n\"a\": \"missing.lua\"}}");
    scratch_write(scratch, "main.lua", "return 1");
    scratch_path(scratch, "plugin.json", path);
    diagnostics_init(&faults);
    assert_true(bundle_read(&bundle, path, &faults, NULL));
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.items[0].line, 3);
    assert_string_equal(faults.items[0].pointer, "/modules/a");
    assert_int_equal(bundle.module_count, 0);
    bundle_free(&bundle);
    diagnostics_free(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_a_plugin_of_one_module, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(the_entry_of_a_manifest_comes_first, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(all_faults_are_told_with_their_lines_and_the_modules_are_read,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_module_that_cannot_be_read_is_told_at_its_line, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(faults_of_a_manifest_name_file_and_member, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
