// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/config.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    scratch_setup(state);
    const struct scratch_folder *scratch = *state;
    setenv("XDG_CONFIG_HOME", scratch->path, 1);
    unsetenv("SANDBOXCTL_URL");
    unsetenv("SANDBOXCTL_API_KEY");
    unsetenv("SANDBOXCTL_API_KEY_FILE");
    return 0;
}

static const struct option_spec url_option = {"url", 0, "URL", "", NULL};

static void the_default_comes_last_and_a_flag_first(void **state)
{
    const struct scratch_folder *scratch = *state;
    struct invocation invocation = {0};
    struct config config;
    assert_true(config_load(&invocation, &config, NULL));
    assert_string_equal(config.url.text, "http://127.0.0.1:8080");
    assert_string_equal(config.url.origin, "default");
    config_free(&config);
    scratch_write(scratch, "sandboxctl/config.json",
                  "{\"profile\": \"a\", \"profiles\": {\"a\": {\"url\": \"http://file:1\"}}}");
    assert_true(config_load(&invocation, &config, NULL));
    assert_string_equal(config.url.text, "http://file:1");
    config_free(&config);
    setenv("SANDBOXCTL_URL", "http://environment:1", 1);
    assert_true(config_load(&invocation, &config, NULL));
    assert_string_equal(config.url.origin, "SANDBOXCTL_URL");
    config_free(&config);
    invocation.values[0] = (struct option_value){.spec = &url_option, .value = "http://flag:1"};
    invocation.value_count = 1;
    assert_true(config_load(&invocation, &config, NULL));
    assert_string_equal(config.url.text, "http://flag:1");
    config_free(&config);
}

static void what_the_file_says_in_vain_is_told(void **state)
{
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"{\"bogus\": 1}", "config.json: /bogus: unknown member"},
        {"{\"profile\": 1}", "config.json: /profile: expected a text"},
        {"{\"profiles\": {\"a\": 1}}", "config.json: /profiles/a: expected an object"},
        {"{\"profiles\": {\"a\": {\"url\": 5}}}", "config.json: /profiles/a/url: expected a text"},
        {"{\"profiles\": {\"a\": {\"urll\": \"x\"}}}", "urll: unknown member; did you mean \"url\"?"},
    };
    const struct scratch_folder *scratch = *state;
    struct invocation invocation = {0};
    struct config config;
    struct error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scratch_write(scratch, "sandboxctl/config.json", cases[i].text);
        assert_false(config_load(&invocation, &config, &err));
        assert_non_null(strstr(err.text, cases[i].told));
    }
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    const struct scratch_folder *scratch = *state;
    struct invocation invocation = {0};
    struct config config;
    struct error err;
    scratch_write(scratch, "sandboxctl/config.json/file", ""); // a folder in its place
    assert_false(config_load(&invocation, &config, &err));
    assert_non_null(strstr(err.text, "config.json"));
}

static void a_faulty_file_is_told_with_its_place(void **state)
{
    const struct scratch_folder *scratch = *state;
    struct invocation invocation = {0};
    struct config config;
    struct error err;
    scratch_write(scratch, "sandboxctl/config.json", "{\n \"profile\": }");
    assert_false(config_load(&invocation, &config, &err));
    assert_non_null(strstr(err.text, "config.json:2:"));
    scratch_write(scratch, "sandboxctl/config.json", "{\"profile\": \"b\", \"profiles\": {}}");
    assert_false(config_load(&invocation, &config, &err));
    assert_non_null(strstr(err.text, "there is no profile \"b\""));
}

static void a_key_file_gives_its_first_line(void **state)
{
    const struct scratch_folder *scratch = *state;
    struct invocation invocation = {0};
    struct config config;
    char path[256];
    scratch_write(scratch, "key", "sbx_1_secret\n");
    scratch_path(scratch, "key", path);
    setenv("SANDBOXCTL_API_KEY_FILE", path, 1);
    assert_true(config_load(&invocation, &config, NULL));
    assert_string_equal(config.api_key.text, "sbx_1_secret");
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_default_comes_last_and_a_flag_first, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_faulty_file_is_told_with_its_place, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(what_the_file_says_in_vain_is_told, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_is_told, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_key_file_gives_its_first_line, setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
