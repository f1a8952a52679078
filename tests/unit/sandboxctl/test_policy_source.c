// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/policy_source.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_path_is_told_from_a_name(void **state)
{
    (void)state;
    assert_true(policy_source_is_path("./default"));
    assert_true(policy_source_is_path("my.json"));
    assert_false(policy_source_is_path("default"));
    assert_false(policy_source_is_path(".json"));
}

static void parents_are_found_beside_a_document_and_among_the_stock_ones(void **state)
{
    const struct scratch_folder *scratch = *state;
    char path[256];
    struct error err;
    scratch_write(scratch, "child.json", "{\"name\": \"child\", \"extends\": \"parent\"}");
    scratch_write(scratch, "parent.json",
                  "{\"name\": \"parent\", \"extends\": \"default\", \"limits\": {\"cpu_ms\": \"7ms\"}}");
    scratch_write(scratch, "unrelated.json", "no policy");
    scratch_path(scratch, "child.json", path);
    struct policy *policy = policy_source_load(path, &err);
    assert_non_null(policy);
    assert_string_equal(policy->name, "child");
    assert_int_equal(policy->limits.value[LIMIT_CPU_MS], 7);
    policy_unref(policy);
}

static void a_document_takes_the_place_of_the_stock_one_of_its_name(void **state)
{
    const struct scratch_folder *scratch = *state;
    char path[256];
    scratch_write(scratch, "tuned.json",
                  "{\"name\": \"default\", \"extends\": \"base\", \"limits\": {\"cpu_ms\": \"9ms\"}}");
    scratch_path(scratch, "tuned.json", path);
    struct policy *policy = policy_source_load(path, NULL);
    assert_non_null(policy);
    assert_int_equal(policy->limits.value[LIMIT_CPU_MS], 9);
    policy_unref(policy);
}

static void an_unknown_name_gets_a_proposal(void **state)
{
    (void)state;
    struct error err;
    assert_null(policy_source_load("strcit", &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "did you mean 'strict'?"));
}

static void only_the_documents_that_a_stock_policy_is_made_of_are_read(void **state)
{
    const struct scratch_folder *scratch = *state;
    struct error err;
    char folder[256], base[256];
    scratch_write(scratch, "child.json", "{\"name\": \"child\", \"extends\": \"parent\"}");
    scratch_write(scratch, "parent.json",
                  "{\"name\": \"parent\", \"extends\": \"base\", \"limits\": {\"cpu_ms\": \"7ms\"}}");
    scratch_write(scratch, "broken.json", "no policy");
    scratch_write(scratch, "circle.json", "{\"name\": \"circle\", \"extends\": \"circle\"}");
    scratch_path(scratch, "base.json", base);
    assert_int_equal(symlink(SOURCE_DIR "/policies/base.json", base), 0);
    scratch_path(scratch, "", folder);
    setenv("SANDBOXD_POLICY_DIR", folder, 1);
    struct policy *policy = policy_source_load("child", &err);
    struct policy *broken = policy_source_load("broken", &err);
    struct policy *circle = policy_source_load("circle", &err);
    setenv("SANDBOXD_POLICY_DIR", SOURCE_DIR "/policies", 1);
    assert_non_null(policy);
    assert_int_equal(policy->limits.value[LIMIT_CPU_MS], 7);
    assert_null(broken);
    assert_null(circle);
    policy_unref(policy);
}

int main(void)
{
    setenv("SANDBOXD_POLICY_DIR", SOURCE_DIR "/policies", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_told_from_a_name),
        cmocka_unit_test_setup_teardown(parents_are_found_beside_a_document_and_among_the_stock_ones,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_document_takes_the_place_of_the_stock_one_of_its_name,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test(an_unknown_name_gets_a_proposal),
        cmocka_unit_test_setup_teardown(only_the_documents_that_a_stock_policy_is_made_of_are_read,
                                        scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
