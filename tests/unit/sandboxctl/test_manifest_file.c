// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/manifest_file.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <stdlib.h>
#include <string.h>

static void a_folder_and_a_manifest_have_one_and_other_files_do_not(void **state)
{
    struct scratch_folder *scratch = *state;
    char path[256], folder[256];
    scratch_write(scratch, "plugin.json", "{}");
    scratch_path(scratch, "plugin.json", path);
    strcpy(folder, path);
    *strrchr(folder, '/') = '\0';
    char *found = manifest_file_of(folder);
    assert_string_equal(found, path);
    free(found);
    strcat(folder, "/");
    found = manifest_file_of(folder);
    assert_string_equal(found, path);
    free(found);
    found = manifest_file_of(path);
    assert_string_equal(found, path);
    free(found);
    assert_null(manifest_file_of("main.lua"));
    assert_null(manifest_file_of("-"));
}

static void faults_have_the_files_name_and_their_line(void **state)
{
    struct scratch_folder *scratch = *state;
    char path[256];
    struct manifest manifest;
    struct diagnostics faults;
    struct error err;
    scratch_write(scratch, "plugin.json", "{\"name\": \"a\",\n \"version\": \"one\"}");
    scratch_path(scratch, "plugin.json", path);
    diagnostics_init(&faults);
    assert_true(manifest_file_read(path, &manifest, &faults, &err));
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].file, path);
    assert_int_equal(faults.items[0].line, 2);
    manifest_free(&manifest);
    diagnostics_free(&faults);
    assert_false(manifest_file_read("/nonexistent/plugin.json", &manifest, &faults, &err));
    assert_int_equal(manifest.module_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_and_a_manifest_have_one_and_other_files_do_not,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(faults_have_the_files_name_and_their_line, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
