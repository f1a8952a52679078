// SPDX-License-Identifier: Apache-2.0
// Covers config.c, config_file.c, config_check.c and config_text.c: the four are one story.
#include "tests/support/cmocka_all.h"

#include "sandboxd/config/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct story {
    struct config config;
    struct config_request request;
    struct diagnostics faults;
    char file[64];
};

static int set_up(void **state)
{
    struct story *story = calloc(1, sizeof(*story));
    diagnostics_init(&story->faults);
    *state = story;
    return 0;
}

static int tear_down(void **state)
{
    struct story *story = *state;
    if (story->file[0] != '\0')
        unlink(story->file);
    diagnostics_free(&story->faults);
    free(story);
    return 0;
}

static void write_file(struct story *story, const char *text)
{
    strcpy(story->file, "/tmp/sandboxd-config-XXXXXX");
    int fd = mkstemp(story->file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

enum { ARGUMENTS_MAX = 8 };

static bool read_config(struct story *story, char *const environment[], ...)
{
    char *argv[ARGUMENTS_MAX + 5] = {(char *)"sandboxd", (char *)"--policy-dir", (char *)"/"};
    int argc = 3;
    if (story->file[0] != '\0') {
        argv[argc++] = (char *)"--config";
        argv[argc++] = story->file;
    }
    va_list arguments;
    va_start(arguments, environment);
    for (char *argument; (argument = va_arg(arguments, char *)) != NULL;)
        argv[argc++] = argument;
    va_end(arguments);
    return config_read(argc, argv, environment, &story->config, &story->request, &story->faults);
}

static void config_prefers_flag_then_environment_then_file_then_default(void **state)
{
    struct story *story = *state;
    write_file(story, "{\"http\": {\"threads\": 3, \"max_connections\": 10, \"max_body_bytes\": \"2MiB\"}}");
    char *environment[] = {(char *)"SANDBOXD_HTTP_THREADS=4", (char *)"SANDBOXD_HTTP_MAX_CONNECTIONS=11",
                           (char *)"SANDBOXD_QUEUE=", NULL};
    assert_true(read_config(story, environment, "--http-threads=5", NULL));
    assert_int_equal(story->config.http_threads, 5);
    assert_int_equal(story->config.http_max_connections, 11);
    assert_int_equal(story->config.http_max_body_bytes, 2 << 20);
    assert_int_equal(story->config.queue, 1024);
    assert_string_equal(story->config.listen.item[0], "127.0.0.1:8080");
}

static void config_lists_come_from_one_place_only(void **state)
{
    struct story *story = *state;
    write_file(story, "{\"listen\": [\"127.0.0.1:1\", \"127.0.0.1:2\"]}");
    char *environment[] = {NULL};
    assert_true(read_config(story, environment, "--listen", "unix:/x", "--listen", "127.0.0.1:3", NULL));
    assert_int_equal(story->config.listen.count, 2);
    assert_string_equal(story->config.listen.item[0], "unix:/x");
    assert_string_equal(story->config.listen.item[1], "127.0.0.1:3");
}

static void config_environment_lists_are_comma_separated(void **state)
{
    struct story *story = *state;
    char *environment[] = {(char *)"SANDBOXD_LISTEN=127.0.0.1:1,[::1]:2", NULL};
    assert_true(read_config(story, environment, NULL));
    assert_int_equal(story->config.listen.count, 2);
    assert_string_equal(story->config.listen.item[1], "[::1]:2");
}

static void config_faults_have_line_and_column(void **state)
{
    struct story *story = *state;
    write_file(story, "{\n  \"auth\": \"maybe\",\n  \"http\": {\"thread\": 2,\n    \"idle_timeout_ms\": 1},\n"
                      "  \"listen\": \"x\", \"log\": 3, \"auth\": \"on\"}");
    char *environment[] = {NULL};
    assert_false(read_config(story, environment, NULL));
    assert_int_equal(story->faults.count, 6);
    diagnostics_sort(&story->faults);
    const struct diagnostic *fault = story->faults.items;
    assert_int_equal(fault[0].line, 2);
    assert_int_equal(fault[0].column, 11);
    assert_string_equal(fault[0].message, "\"maybe\" is not one of on, off");
    assert_int_equal(fault[1].line, 3);
    assert_string_equal(fault[1].pointer, "/http/thread");
    assert_non_null(strstr(fault[1].message, "did you mean \"threads\"?"));
    assert_string_equal(fault[2].message, "it must be from 100 ms to 1 h");
}

static void config_tells_where_json_is_broken(void **state)
{
    struct story *story = *state;
    write_file(story, "{\n\"auth\": }");
    char *environment[] = {NULL};
    assert_false(read_config(story, environment, NULL));
    assert_int_equal(story->faults.items[0].line, 2);
}

static void config_refuses_unknown_and_incomplete_flags(void **state)
{
    struct story *story = *state;
    char *environment[] = {NULL};
    assert_false(read_config(story, environment, "--http-thread=3", "--queue=many", "stray", "--auth", NULL));
    assert_true(story->faults.count >= 4);
    assert_non_null(strstr(story->faults.items[0].message, "did you mean --http-threads?"));
}

static void config_refuses_a_missing_file(void **state)
{
    struct story *story = *state;
    char *environment[] = {NULL};
    assert_false(read_config(story, environment, "--config", "/nonexistent/sandboxd.json", NULL));
    assert_non_null(strstr(story->faults.items[0].message, "No such file"));
}

static void config_finds_the_action(void **state)
{
    struct story *story = *state;
    char *environment[] = {NULL};
    assert_true(read_config(story, environment, "--check-config", NULL));
    assert_int_equal(story->request.action, ACTION_CHECK);
    assert_true(read_config(story, environment, "--nonsense", "--help", NULL));
    assert_int_equal(story->request.action, ACTION_HELP);
}

static void config_without_auth_serves_this_host_only(void **state)
{
    struct story *story = *state;
    char *environment[] = {NULL};
    static const struct {
        const char *listen;
        bool fine;
    } cases[] = {{"127.0.0.1:0", true}, {"[::1]:80", true},      {"unix:/run/x.sock", true},
                 {"127.9.9.9:1", true}, {"0.0.0.0:80", false},   {":80", false},
                 {"[::]:80", false},    {"192.0.2.1:80", false}, {"127.0.0.1:99999", false},
                 {"unix:rel", false},   {"::1:80", false},       {"nonsense", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(read_config(story, environment, "--auth=off", "--listen", cases[i].listen, NULL));
        struct diagnostics faults;
        diagnostics_init(&faults);
        assert_int_equal(config_check(&story->config, &faults), cases[i].fine);
        diagnostics_free(&faults);
    }
}

static void config_prints_what_it_reads(void **state)
{
    struct story *story = *state;
    char *environment[] = {(char *)"SANDBOXD_HTTP_THREADS=7", (char *)"SANDBOXD_METRICS_LISTEN=127.0.0.1:9",
                           NULL};
    assert_true(read_config(story, environment, "--log-level", "debug", NULL));
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    config_print(&story->config, out);
    fclose(out);
    write_file(story, text);
    free(text);
    struct config printed = story->config;
    char *nothing[] = {NULL};
    assert_true(read_config(story, nothing, NULL));
    assert_int_equal(story->config.http_threads, 7);
    assert_int_equal(story->config.log_level, LOG_DEBUG);
    assert_string_equal(story->config.metrics_listen, printed.metrics_listen);
    char rest[256];
    config_take_reloadable(&printed, &story->config, rest, sizeof(rest));
    assert_string_equal(rest, "");
}

static void config_reload_takes_what_it_can_and_names_the_rest(void **state)
{
    struct story *story = *state;
    char *environment[] = {NULL};
    assert_true(read_config(story, environment, NULL));
    struct config *old = malloc(sizeof(*old));
    *old = story->config;
    assert_true(read_config(story, environment, "--log-level=warn", "--http-threads=9", "--queue=1", NULL));
    char rest[256];
    config_take_reloadable(old, &story->config, rest, sizeof(rest));
    assert_string_equal(rest, "workers.queue, http.threads");
    assert_int_equal(old->log_level, LOG_WARN);
    assert_int_equal(old->http_threads, 2);
    free(old);
}

static void help_names_every_option(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    config_help(out);
    fclose(out);
    assert_non_null(strstr(text, "--http-max-body-bytes"));
    assert_non_null(strstr(text, "SANDBOXD_MEMORY_BUDGET"));
    assert_non_null(strstr(text, "--check-config"));
    free(text);
}

#define STORY(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(config_prefers_flag_then_environment_then_file_then_default),
        STORY(config_lists_come_from_one_place_only),
        STORY(config_environment_lists_are_comma_separated),
        STORY(config_faults_have_line_and_column),
        STORY(config_tells_where_json_is_broken),
        STORY(config_refuses_unknown_and_incomplete_flags),
        STORY(config_refuses_a_missing_file),
        STORY(config_finds_the_action),
        STORY(config_without_auth_serves_this_host_only),
        STORY(config_prints_what_it_reads),
        STORY(config_reload_takes_what_it_can_and_names_the_rest),
        STORY(help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
