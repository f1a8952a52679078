// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
};

static void write_file(const struct folder *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    strcpy(folder->path, "/tmp/policy_sources.XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    static const char *const names[] = {"a.json", "b.json",       "policy.schema.json",
                                        "README", ".hidden.json", "a.json~"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        if (unlink(path) != 0)
            rmdir(path);
    }
    rmdir(folder->path);
    free(folder);
    return 0;
}

static void a_folder_gives_its_policies_and_nothing_else(void **state)
{
    const struct folder *folder = *state;
    write_file(folder, "a.json", "{}");
    write_file(folder, "b.json", "{ }");
    write_file(folder, "policy.schema.json", "{}");
    write_file(folder, "README", "hello");
    write_file(folder, ".hidden.json", "{}");
    write_file(folder, "a.json~", "{}");
    struct policy_sources sources;
    struct error err = {0};
    policy_sources_init(&sources);
    assert_true(policy_sources_add_folder(&sources, folder->path, &err));
    assert_int_equal(sources.count, 2);
    assert_string_equal(policy_sources_find(&sources, "a")->text, "{}");
    assert_string_equal(policy_sources_find(&sources, "b")->text, "{ }");
    assert_null(policy_sources_find(&sources, "policy.schema"));
    policy_sources_free(&sources);
}

static void a_later_document_takes_the_place_of_an_earlier_one(void **state)
{
    (void)state;
    struct policy_sources sources;
    struct error err = {0};
    policy_sources_init(&sources);
    assert_true(policy_sources_add(&sources, "x", "a", bytes_of_text("1"), &err));
    assert_true(policy_sources_add(&sources, "y", "a", bytes_of_text("22"), &err));
    assert_int_equal(sources.count, 1);
    assert_string_equal(policy_sources_find(&sources, "a")->file, "y");
    assert_int_equal(policy_sources_find(&sources, "a")->length, 2);
    policy_sources_free(&sources);
}

static void a_document_that_is_taken_out_leaves_the_others(void **state)
{
    (void)state;
    struct policy_sources sources;
    struct error err = {0};
    policy_sources_init(&sources);
    for (const char *name = "abc"; *name != '\0'; name++)
        assert_true(policy_sources_add(&sources, "x", (char[]){*name, '\0'}, bytes_of_text("{}"), &err));
    assert_true(policy_sources_remove(&sources, "b"));
    assert_false(policy_sources_remove(&sources, "b"));
    assert_int_equal(sources.count, 2);
    assert_non_null(policy_sources_find(&sources, "a"));
    assert_non_null(policy_sources_find(&sources, "c"));
    assert_true(policy_sources_remove(&sources, "c"));
    assert_true(policy_sources_remove(&sources, "a"));
    assert_int_equal(sources.count, 0);
    policy_sources_free(&sources);
}

static void what_is_no_file_is_an_error_that_names_it(void **state)
{
    const struct folder *folder = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/a.json", folder->path);
    assert_int_equal(mkdir(path, 0700), 0);
    struct policy_sources sources;
    struct error err = {0};
    policy_sources_init(&sources);
    assert_false(policy_sources_add_folder(&sources, folder->path, &err));
    assert_non_null(strstr(err.text, "a.json"));
    assert_false(policy_sources_add_file(&sources, "/nonexistent/x.json", &err));
    assert_non_null(strstr(err.text, "/nonexistent/x.json"));
    policy_sources_free(&sources);
}

static void a_fault_names_the_file_it_is_in(void **state)
{
    const struct folder *folder = *state;
    write_file(folder, "a.json", "{\"name\": \"b\", \"extends\": \"b\"}");
    write_file(folder, "b.json", "{\"name\": \"b\", \"extends\": 1}");
    struct diagnostics diagnostics;
    struct error err = {0};
    diagnostics_init(&diagnostics);
    assert_null(policy_set_load(folder->path, &diagnostics, &err));
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_true(diagnostics.count >= 2);
    assert_int_equal(strncmp(diagnostics.items[0].file, folder->path, strlen(folder->path)), 0);
    assert_string_equal(diagnostics.items[0].file + strlen(folder->path), "/a.json");
    assert_string_equal(diagnostics.items[0].message, "\"b\" must be \"a\", as the document is named");
    diagnostics_free(&diagnostics);
}

static void a_folder_without_policies_is_an_error(void **state)
{
    const struct folder *folder = *state;
    struct diagnostics diagnostics;
    struct error err = {0};
    diagnostics_init(&diagnostics);
    assert_null(policy_set_load(folder->path, &diagnostics, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_gives_its_policies_and_nothing_else, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_later_document_takes_the_place_of_an_earlier_one),
        cmocka_unit_test(a_document_that_is_taken_out_leaves_the_others),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_an_error_that_names_it, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_fault_names_the_file_it_is_in, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_folder_without_policies_is_an_error, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
