// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/config/options.h"

#include <stdlib.h>
#include <string.h>

static const struct config_option *option_named(const char *member)
{
    for (unsigned i = 0; i < config_option_count; i++)
        if (strcmp(config_options[i].member, member) == 0)
            return &config_options[i];
    fail_msg("no option %s", member);
    return NULL;
}

static bool set(const char *member, const char *text, struct config *config, struct error *err)
{
    return option_set_text(option_named(member), config, bytes_of_text(text), err);
}

static void options_have_different_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < config_option_count; i++) {
        assert_memory_equal(config_options[i].environment, "SANDBOXD_", 9);
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(config_options[i].member, config_options[j].member);
            assert_string_not_equal(config_options[i].environment, config_options[j].environment);
        }
    }
}

static void option_flags_follow_the_environment(void **state)
{
    (void)state;
    char flag[OPTION_FLAG_SIZE];
    option_flag(option_named("http.max_body_bytes"), flag);
    assert_string_equal(flag, "--http-max-body-bytes");
    option_flag(option_named("workers.max_running"), flag);
    assert_string_equal(flag, "--max-running");
}

static void option_numbers_take_units_and_bounds(void **state)
{
    (void)state;
    struct config *config = calloc(1, sizeof(*config));
    struct error err;
    assert_true(set("http.max_body_bytes", "2MiB", config, &err));
    assert_int_equal(config->http_max_body_bytes, 2 << 20);
    assert_true(set("http.idle_timeout_ms", "5s", config, &err));
    assert_int_equal(config->http_idle_timeout_ms, 5000);
    assert_true(set("workers.queue", "0", config, &err));
    const char *const bad[] = {"-1", "", "1.5", "1e3", "x", "99999999999999999999", "1000001"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(set("workers.queue", bad[i], config, &err));
    assert_int_equal(config->queue, 0);
    free(config);
}

static void option_texts_are_bounded(void **state)
{
    (void)state;
    struct config *config = calloc(1, sizeof(*config));
    struct error err;
    char *text = calloc(1, CONFIG_TEXT_SIZE + 1);
    memset(text, 'a', CONFIG_TEXT_SIZE);
    assert_false(set("state_dir", text, config, &err));
    text[CONFIG_TEXT_SIZE - 1] = '\0';
    assert_true(set("state_dir", text, config, &err));
    assert_false(set("listen", "a,,b", config, &err));
    assert_false(set("listen", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", config, &err));
    free(text);
    free(config);
}

static void option_copies_make_equal(void **state)
{
    (void)state;
    struct config *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
    struct error err;
    set("listen", "x,y", a, &err);
    set("log.level", "warn", a, &err);
    set("state_dir", "/s", a, &err);
    set("workers.queue", "5", a, &err);
    const char *const members[] = {"listen", "log.level", "state_dir", "workers.queue"};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const struct config_option *option = option_named(members[i]);
        assert_false(option_equal(option, a, b));
        option_copy(option, b, a);
        assert_true(option_equal(option, a, b));
    }
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_different_names),
        cmocka_unit_test(option_flags_follow_the_environment),
        cmocka_unit_test(option_numbers_take_units_and_bounds),
        cmocka_unit_test(option_texts_are_bounded),
        cmocka_unit_test(option_copies_make_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
