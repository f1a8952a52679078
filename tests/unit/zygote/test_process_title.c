// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/process_title.h"

#include "tests/support/cmocka_all.h"

#include <string.h>
#include <unistd.h>

// Arguments and environment side by side, as the kernel lays them out.
struct strings {
    char area[64];
    char *arguments[3];
    char *environment[2];
};

static void lay_out(struct strings *strings)
{
    static const char text[] = "zygote\0room------------\0HOME=/root";
    memcpy(strings->area, text, sizeof text);
    strings->arguments[0] = strings->area;
    strings->arguments[1] = strings->area + 7;
    strings->arguments[2] = NULL;
    strings->environment[0] = strings->area + 24;
    strings->environment[1] = NULL;
}

static struct process_title taken(struct strings *strings)
{
    char **saved = environ;
    lay_out(strings);
    environ = strings->environment;
    struct process_title title = process_title_take(2, strings->arguments);
    assert_null(environ);
    environ = saved;
    return title;
}

static void process_title_takes_arguments_and_environment(void **state)
{
    (void)state;
    struct strings strings;
    struct process_title title = taken(&strings);
    assert_ptr_equal(title.area, strings.area);
    assert_int_equal(title.size, 35);
}

static void process_title_says_name_policy_and_detail(void **state)
{
    (void)state;
    struct strings strings;
    struct process_title title = taken(&strings);
    process_title_set(&title, "sandbox-worker", "default", "idle");
    assert_string_equal(strings.area, "sandbox-worker: default idle");
    process_title_set(&title, "sandbox-zygote", "p", NULL);
    assert_string_equal(strings.area, "sandbox-zygote: p");
    // Nothing of an older title or of the environment shines through.
    for (size_t i = strlen(strings.area); i < title.size; i++)
        assert_int_equal(strings.area[i], 0);
}

static void process_title_is_cut_at_the_end_of_the_area(void **state)
{
    (void)state;
    struct strings strings;
    struct process_title title = taken(&strings);
    strings.area[title.size] = '!';
    process_title_set(&title, "sandbox-worker", "a-policy-with-a-long-name", "0190-run");
    assert_string_equal(strings.area, "sandbox-worker: a-policy-with-a-lo");
    assert_int_equal(strings.area[title.size], '!');
}

static void process_title_without_arguments_does_nothing(void **state)
{
    (void)state;
    char *none[] = {NULL};
    struct process_title title = process_title_take(0, none);
    process_title_set(&title, "sandbox-worker", "default", "idle");
    assert_null(title.area);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_title_takes_arguments_and_environment),
        cmocka_unit_test(process_title_says_name_policy_and_detail),
        cmocka_unit_test(process_title_is_cut_at_the_end_of_the_area),
        cmocka_unit_test(process_title_without_arguments_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
