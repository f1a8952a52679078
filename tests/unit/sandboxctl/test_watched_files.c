// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/watched_files.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <string.h>
#include <unistd.h>

static bool has(const struct watched_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].path, path) == 0)
            return true;
    return false;
}

static void what_a_run_reads_is_watched_wherever_it_lies(void **state)
{
    struct scratch_folder *scratch = *state;
    struct watched_files files;
    char path[256], context[257] = "@", policy[256];
    scratch_write(scratch, "p/plugin.json",
                  "{\"modules\": {\"a\": \"a.lua\", \"u\": \"lib/u.lua\", \"x\": 1}}");
    scratch_write(scratch, "c.json", "null");
    scratch_write(scratch, "mine.json", "{\"name\": \"mine\", \"extends\": \"beside\"}");
    scratch_write(scratch, "beside.json", "{\"name\": \"beside\"}");
    scratch_path(scratch, "c.json", context + 1);
    scratch_path(scratch, "mine.json", policy);
    scratch_path(scratch, "p", path);
    assert_true(watched_files_collect(&files, path, context, policy, NULL));
    for (const char *const *name = (const char *const[]){"p/plugin.json", "p/a.lua", "p/lib/u.lua", "c.json",
                                                         "mine.json", "beside.json", NULL};
         *name != NULL; name++) {
        scratch_path(scratch, *name, path);
        assert_true(has(&files, path));
    }
    watched_files_free(&files);
}

static void only_a_change_of_one_of_them_counts(void **state)
{
    struct scratch_folder *scratch = *state;
    struct watched_files files;
    char path[256], module[256];
    scratch_write(scratch, "plugin.json", "{\"modules\": {\"a\": \"a.lua\"}}");
    scratch_path(scratch, "plugin.json", path);
    scratch_path(scratch, "a.lua", module);
    assert_true(watched_files_collect(&files, path, NULL, "default", NULL));
    scratch_write(scratch, "profile.svg", "<svg/>");
    assert_false(watched_files_changed(&files));
    scratch_write(scratch, "a.lua", "return 1");
    assert_true(watched_files_changed(&files));
    watched_files_free(&files);
    assert_true(watched_files_collect(&files, path, NULL, NULL, NULL));
    assert_false(watched_files_changed(&files));
    assert_int_equal(unlink(module), 0);
    assert_true(watched_files_changed(&files));
    watched_files_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_run_reads_is_watched_wherever_it_lies, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(only_a_change_of_one_of_them_counts, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
