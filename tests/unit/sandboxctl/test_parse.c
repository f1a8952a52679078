// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/command.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

// Parses a command line of at most 8 words.
static enum parse_status parse(struct invocation *invocation, const char *const *words)
{
    char *argv[10] = {(char *)"sandboxctl"};
    int argc = 1;
    for (; *words != NULL; words++)
        argv[argc++] = (char *)*words;
    return command_parse(argc, argv, invocation);
}

#define PARSE(invocation_, ...) parse((invocation_), (const char *const[]){__VA_ARGS__, NULL})

static void a_verb_of_two_words_is_found(void **state)
{
    (void)state;
    struct invocation invocation;
    assert_int_equal(PARSE(&invocation, "policy", "check", "a.json", "b.json"), PARSE_RUN);
    assert_string_equal(invocation.command->verb, "policy check");
    assert_int_equal(invocation.argument_count, 2);
    assert_string_equal(invocation.arguments[1], "b.json");
    invocation_free(&invocation);
}

static void options_stand_anywhere_and_repeat(void **state)
{
    (void)state;
    struct invocation invocation;
    assert_int_equal(PARSE(&invocation, "run", "-lcpu_ms=1", "main.lua", "--limit=wall_ms=2", "--json"),
                     PARSE_RUN);
    assert_string_equal(invocation_nth(&invocation, "limit", 0), "cpu_ms=1");
    assert_string_equal(invocation_nth(&invocation, "limit", 1), "wall_ms=2");
    assert_null(invocation_nth(&invocation, "limit", 2));
    assert_true(invocation.json);
    assert_string_equal(invocation.arguments[0], "main.lua");
    invocation_free(&invocation);
}

static void words_after_two_dashes_are_arguments(void **state)
{
    (void)state;
    struct invocation invocation;
    assert_int_equal(PARSE(&invocation, "run", "--", "--strange.lua"), PARSE_RUN);
    assert_string_equal(invocation.arguments[0], "--strange.lua");
    invocation_free(&invocation);
}

static void wrong_words_are_usage_errors(void **state)
{
    (void)state;
    const char *const lines[][4] = {
        {"rnu", "main.lua"},      {"policy"},
        {"policy", "chekc", "x"}, {"run"},
        {"run", "a", "b"},        {"run", "a", "--polic=x"},
        {"run", "a", "--policy"}, {"run", "a", "--count=1"},
        {"run", "a", "-z"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct invocation invocation;
        assert_int_equal(parse(&invocation, lines[i]), PARSE_USAGE);
        invocation_free(&invocation);
    }
}

static void help_is_asked_for_in_every_usual_way(void **state)
{
    (void)state;
    const char *const lines[][4] = {{NULL}, {"--help"}, {"-h"}, {"help"}, {"help", "run"}, {"run", "--help"}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct invocation invocation;
        assert_int_equal(parse(&invocation, lines[i]), PARSE_HELP);
        invocation_free(&invocation);
    }
}

static void every_command_tells_what_it_is_for(void **state)
{
    (void)state;
    for (const struct command *command = command_table; command->verb != NULL; command++) {
        assert_non_null(command->run);
        assert_non_null(command->options);
        assert_true(strlen(command->summary) > 10);
        assert_true(command->arguments_min <= command->arguments_max);
    }
}

static void an_answer_that_memory_ran_out_over_is_a_failure(void **state)
{
    (void)state;
    struct buffer text = buffer_make(4);
    buffer_append_text(&text, "ok");
    assert_int_equal(print_text(&text, STATUS_PLUGIN_FAILED), STATUS_PLUGIN_FAILED);
    text = buffer_make(4);
    buffer_append_text(&text, "too long for it");
    assert_int_equal(print_text(&text, STATUS_SUCCESS), STATUS_FAILURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_memory_ran_out_over_is_a_failure),
        cmocka_unit_test(a_verb_of_two_words_is_found),
        cmocka_unit_test(options_stand_anywhere_and_repeat),
        cmocka_unit_test(words_after_two_dashes_are_arguments),
        cmocka_unit_test(wrong_words_are_usage_errors),
        cmocka_unit_test(help_is_asked_for_in_every_usual_way),
        cmocka_unit_test(every_command_tells_what_it_is_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
