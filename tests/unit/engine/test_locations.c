// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/locations.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void the_environment_names_the_place_first(void **state)
{
    (void)state;
    char path[PATH_MAX];
    setenv("SANDBOX_ZYGOTE_PATH", "/bin/sh", 1);
    setenv("SANDBOXD_POLICY_DIR", "/", 1);
    assert_true(location_of_zygote(path, NULL));
    assert_string_equal(path, "/bin/sh");
    assert_true(location_of_policies(path, NULL));
    assert_string_equal(path, "/");
    setenv("SANDBOX_PROBE_PATH", "/bin/sh", 1);
    setenv("SANDBOX_PROBE_UNFILTERED_PATH", "/bin/true", 1);
    assert_true(location_of_probe(true, path, NULL));
    assert_string_equal(path, "/bin/sh");
    assert_true(location_of_probe(false, path, NULL));
    assert_string_equal(path, "/bin/true");
}

static void a_named_place_that_is_not_there_is_an_error_and_nothing_else_is_taken(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct error err;
    setenv("SANDBOX_ZYGOTE_PATH", "/nonexistent/zygote", 1);
    assert_false(location_of_zygote(path, &err));
    assert_non_null(strstr(err.text, "SANDBOX_ZYGOTE_PATH=/nonexistent/zygote"));
}

static void without_a_name_it_is_looked_for_beside_the_executable(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct error err = {0};
    unsetenv("SANDBOX_ZYGOTE_PATH");
    // This test lies elsewhere than the programs do, so there is nothing beside it.
    assert_false(location_of_zygote(path, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "SANDBOX_ZYGOTE_PATH"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_names_the_place_first),
        cmocka_unit_test(a_named_place_that_is_not_there_is_an_error_and_nothing_else_is_taken),
        cmocka_unit_test(without_a_name_it_is_looked_for_beside_the_executable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
