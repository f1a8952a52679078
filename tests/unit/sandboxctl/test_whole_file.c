// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/whole_file.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_file_is_read_whole_up_to_its_maximum(void **state)
{
    struct scratch_folder *scratch = *state;
    char path[256];
    size_t length;
    struct error err;
    scratch_write(scratch, "a", "12345");
    scratch_path(scratch, "a", path);
    char *text = read_whole_file(path, 5, &length, &err);
    assert_string_equal(text, "12345");
    assert_int_equal(length, 5);
    free(text);
    assert_null(read_whole_file(path, 4, &length, &err));
    assert_non_null(strstr(err.text, "more than 4 bytes"));
    scratch_write(scratch, "a", "");
    text = read_whole_file(path, 4, &length, &err);
    assert_string_equal(text, "");
    free(text);
}

static void what_cannot_be_read_is_named(void **state)
{
    struct scratch_folder *scratch = *state;
    char path[256];
    size_t length;
    struct error err;
    scratch_path(scratch, "missing", path);
    assert_null(read_whole_file(path, 10, &length, &err));
    assert_non_null(strstr(err.text, path));
    assert_null(read_whole_file(scratch->path, 10, &length, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
}

static void a_file_of_a_folder_cannot_lie_outside_of_it(void **state)
{
    struct scratch_folder *scratch = *state;
    char folder[256], path[256];
    size_t length;
    struct error err;
    scratch_write(scratch, "secret", "s");
    scratch_write(scratch, "p/real", "inside");
    scratch_path(scratch, "p", folder);
    scratch_path(scratch, "p/near", path);
    assert_int_equal(symlink("real", path), 0);
    char *text = read_file_beneath(folder, "near", 10, &length, &err);
    assert_string_equal(text, "inside");
    free(text);
    scratch_path(scratch, "p/far", path);
    assert_int_equal(symlink("../secret", path), 0);
    scratch_path(scratch, "p/absolute", path);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    scratch_path(scratch, "p/folder", path);
    assert_int_equal(symlink("..", path), 0);
    static const char *const outside[] = {"far", "absolute", "folder/secret", "../secret", "/etc/hostname"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_null(read_file_beneath(folder, outside[i], 10, &length, &err));
        if (strstr(err.text, "outside the plugin's folder") == NULL)
            fail_msg("%s: got %s", outside[i], err.text);
    }
}

static void what_is_no_file_is_refused_and_not_waited_for(void **state)
{
    struct scratch_folder *scratch = *state;
    char path[256];
    size_t length;
    struct error err;
    scratch_path(scratch, "pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(read_file_beneath(scratch->path, "pipe", 10, &length, &err));
    assert_non_null(strstr(err.text, "pipe: expected a file"));
    assert_null(read_file_beneath(scratch->path, "missing", 10, &length, &err));
    assert_int_equal(err.sys_errno, ENOENT);
}

static void put_text(FILE *out, const void *user)
{
    fputs(user, out);
}

static void a_file_is_replaced_whole_or_not_at_all(void **state)
{
    struct scratch_folder *scratch = *state;
    char path[256];
    size_t length;
    struct error err;
    scratch_write(scratch, "a", "before");
    scratch_path(scratch, "a", path);
    assert_true(replace_whole_file(path, put_text, "after", &err));
    char *text = read_whole_file(path, 100, &length, &err);
    assert_string_equal(text, "after");
    free(text);
    strcat(path, "/b");
    assert_false(replace_whole_file(path, put_text, "x", &err));
    assert_non_null(strstr(err.text, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_whole_up_to_its_maximum, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_file_is_replaced_whole_or_not_at_all, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_file_of_a_folder_cannot_lie_outside_of_it, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused_and_not_waited_for, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_named, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
