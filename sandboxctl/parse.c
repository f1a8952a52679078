// SPDX-License-Identifier: Apache-2.0
#include "base/closest.h"
#include "sandboxctl/command.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/text_style.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum exit_status fail(enum exit_status status, const char *format, ...)
{
    // A message may quote what a server, a file or a plugin said.
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    fputs("sandboxctl: ", stderr);
    put_foreign_lines(stderr, bytes_of_text(length >= 0 ? text : "out of memory"));
    fputc('\n', stderr);
    if (length >= 0)
        free(text);
    return status;
}

enum exit_status print_text(struct buffer *text, enum exit_status status)
{
    if (buffer_ok(text)) {
        put_foreign_json(stdout, bytes_of(text->data, text->length));
        fputc('\n', stdout);
    } else {
        status = fail(STATUS_FAILURE, "out of memory");
    }
    buffer_free(text);
    return status;
}

enum exit_status fail_with(const struct error *err)
{
    static const struct {
        enum error_kind kind;
        enum exit_status status;
    } statuses[] = {
        {ERROR_NOT_FOUND, STATUS_NOT_FOUND},
        {ERROR_INVALID, STATUS_USAGE},
        {ERROR_LIMIT, STATUS_LIMITED},
        {ERROR_CLOSED, STATUS_UNREACHABLE},
    };
    if (err->kind == ERROR_SYSTEM && err->sys_errno == ENOENT)
        return fail(STATUS_NOT_FOUND, "%s", err->text);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].kind == err->kind)
            return fail(statuses[i].status, "%s", err->text);
    return fail(STATUS_FAILURE, "%s", err->text);
}

// How many words of argv the verb takes if they match it, else 0.
static int verb_words(const char *verb, int argc, char **argv)
{
    int words = 0;
    while (*verb != '\0') {
        size_t length = strcspn(verb, " ");
        if (words >= argc || strlen(argv[words]) != length || strncmp(argv[words], verb, length) != 0)
            return 0;
        words++;
        verb += length;
        verb += strspn(verb, " ");
    }
    return words;
}

static const struct command *find_command(int argc, char **argv, int *ret_words)
{
    const struct command *found = NULL;
    for (const struct command *command = command_table; command->verb != NULL; command++) {
        int words = verb_words(command->verb, argc, argv);
        if (words > 0 && (found == NULL || words > *ret_words)) {
            found = command;
            *ret_words = words;
        }
    }
    return found;
}

static bool is_group(const char *word)
{
    size_t length = strlen(word);
    for (const struct command *command = command_table; command->verb != NULL; command++)
        if (strncmp(command->verb, word, length) == 0 && command->verb[length] == ' ')
            return true;
    return false;
}

static enum parse_status unknown_verb(int argc, char **argv)
{
    char typed[256];
    if (argc > 1 && is_group(argv[0]))
        snprintf(typed, sizeof typed, "%s %s", argv[0], argv[1]);
    else
        snprintf(typed, sizeof typed, "%s", argv[0]);
    struct closest best = closest_make(typed, strlen(typed));
    for (const struct command *command = command_table; command->verb != NULL; command++)
        closest_offer(&best, command->verb);
    if (is_group(argv[0]) && (argc == 1 || argv[1][0] == '-')) {
        fail(STATUS_USAGE, "'%s' needs one more word:", argv[0]);
        command_list_group(stderr, argv[0]);
    } else if (closest_text(&best) != NULL) {
        fail(STATUS_USAGE, "there is no command '%s'; did you mean '%s'?", typed, closest_text(&best));
    } else {
        fail(STATUS_USAGE, "there is no command '%s'; 'sandboxctl --help' lists them", typed);
    }
    return PARSE_USAGE;
}

static const struct option_spec *find_in(const struct option_spec *options, const char *name, size_t length)
{
    for (; options != NULL && options->name != NULL; options++)
        if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *options, char letter)
{
    for (; options != NULL && options->name != NULL; options++)
        if (options->letter == letter)
            return options;
    return NULL;
}

static enum parse_status unknown_option(const struct command *command, const char *name, size_t length)
{
    struct closest best = closest_make(name, length);
    for (const struct option_spec *option = command->options; option->name != NULL; option++)
        closest_offer(&best, option->name);
    for (const struct option_spec *option = global_options; option->name != NULL; option++)
        closest_offer(&best, option->name);
    if (closest_text(&best) != NULL)
        fail(STATUS_USAGE, "%s has no option --%.*s; did you mean --%s?", command->verb, (int)length, name,
             closest_text(&best));
    else
        fail(STATUS_USAGE, "%s has no option --%.*s; see 'sandboxctl %s --help'", command->verb, (int)length,
             name, command->verb);
    return PARSE_USAGE;
}

static bool add_value(struct invocation *invocation, const struct option_spec *spec, const char *value)
{
    if (invocation->value_count == OPTION_VALUES_MAX) {
        fail(STATUS_USAGE, "more than %d options", OPTION_VALUES_MAX);
        return false;
    }
    invocation->values[invocation->value_count++] = (struct option_value){.spec = spec, .value = value};
    return true;
}

// One word that begins with a dash. Moves `at` on when it takes the next word as its value.
static enum parse_status parse_option(struct invocation *invocation, int argc, char **argv, int *at)
{
    const struct command *command = invocation->command;
    const char *word = argv[*at];
    const struct option_spec *spec;
    const char *value = NULL;
    if (word[1] == '-') {
        const char *name = word + 2;
        size_t length = strcspn(name, "=");
        spec = find_in(command->options, name, length);
        if (spec == NULL)
            spec = find_in(global_options, name, length);
        if (spec == NULL)
            return unknown_option(command, name, length);
        value = name[length] == '=' ? name + length + 1 : NULL;
    } else {
        spec = find_letter(command->options, word[1]);
        if (spec == NULL)
            spec = find_letter(global_options, word[1]);
        if (spec == NULL) {
            fail(STATUS_USAGE, "%s has no option %.2s; see 'sandboxctl %s --help'", command->verb, word,
                 command->verb);
            return PARSE_USAGE;
        }
        value = word[2] != '\0' ? word + 2 : NULL;
    }
    if (spec->argument == NULL && value != NULL) {
        fail(STATUS_USAGE, "--%s takes no value", spec->name);
        return PARSE_USAGE;
    }
    if (spec->argument != NULL && value == NULL) {
        if (*at + 1 >= argc) {
            fail(STATUS_USAGE, "--%s needs a value: %s", spec->name, spec->argument);
            return PARSE_USAGE;
        }
        value = argv[++*at];
    }
    return add_value(invocation, spec, value) ? PARSE_RUN : PARSE_USAGE;
}

static enum parse_status parse_words(struct invocation *invocation, int argc, char **argv)
{
    const char **arguments = calloc((size_t)argc + 1, sizeof *arguments);
    if (arguments == NULL) {
        fail(STATUS_FAILURE, "out of memory");
        return PARSE_USAGE;
    }
    invocation->arguments = arguments;
    bool options_over = false;
    for (int at = 0; at < argc; at++) {
        const char *word = argv[at];
        if (!options_over && strcmp(word, "--") == 0) {
            options_over = true;
        } else if (!options_over && word[0] == '-' && word[1] != '\0') {
            enum parse_status status = parse_option(invocation, argc, argv, &at);
            if (status != PARSE_RUN)
                return status;
        } else if (!options_over && word[0] == '\0') {
            // An unset variable of a script: whatever it was to name is not what has no name.
            fail(STATUS_USAGE, "%s: argument %zu is empty; expected %s", invocation->command->verb,
                 invocation->argument_count + 1, invocation->command->arguments);
            return PARSE_USAGE;
        } else {
            arguments[invocation->argument_count++] = word;
        }
    }
    return PARSE_RUN;
}

static enum parse_status check_arguments(const struct invocation *invocation)
{
    const struct command *command = invocation->command;
    if (invocation->argument_count >= command->arguments_min &&
        invocation->argument_count <= command->arguments_max)
        return PARSE_RUN;
    fail(STATUS_USAGE, "usage: sandboxctl %s [OPTIONS] %s", command->verb, command->arguments);
    return PARSE_USAGE;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static enum parse_status parse_bare(int argc, char **argv)
{
    if (argc < 2)
        return PARSE_HELP;
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0)
        return PARSE_HELP;
    if (strcmp(argv[1], "--version") == 0)
        return PARSE_VERSION;
    return PARSE_RUN;
}

static bool colours_wanted(const struct invocation *invocation)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return (no_colour == NULL || *no_colour == '\0') && (terminal == NULL || strcmp(terminal, "dumb") != 0) &&
           !invocation_flag(invocation, "no-color");
}

enum parse_status command_parse(int argc, char **argv, struct invocation *ret_invocation)
{
    *ret_invocation = (struct invocation){0};
    enum parse_status bare = parse_bare(argc, argv);
    if (bare == PARSE_HELP && argc > 2) {
        int words = 0;
        ret_invocation->command = find_command(argc - 2, argv + 2, &words);
        if (argc == 3 && is_group(argv[2])) {
            ret_invocation->group = argv[2];
            return PARSE_HELP;
        }
        return ret_invocation->command != NULL ? PARSE_HELP : unknown_verb(argc - 2, argv + 2);
    }
    if (bare != PARSE_RUN)
        return bare;
    int words = 0;
    ret_invocation->command = find_command(argc - 1, argv + 1, &words);
    if (ret_invocation->command == NULL && argc == 3 && is_group(argv[1]) && is_help(argv[2])) {
        ret_invocation->group = argv[1];
        return PARSE_HELP;
    }
    if (ret_invocation->command == NULL)
        return unknown_verb(argc - 1, argv + 1);
    enum parse_status status = parse_words(ret_invocation, argc - 1 - words, argv + 1 + words);
    if (status != PARSE_RUN)
        return status;
    if (invocation_flag(ret_invocation, "help"))
        return PARSE_HELP;
    ret_invocation->json = invocation_flag(ret_invocation, "json");
    bool colours = colours_wanted(ret_invocation);
    ret_invocation->colour = colours && isatty(STDOUT_FILENO);
    ret_invocation->error_colour = colours && isatty(STDERR_FILENO);
    return check_arguments(ret_invocation);
}

void invocation_free(struct invocation *invocation)
{
    free((void *)invocation->arguments);
    *invocation = (struct invocation){0};
}

const char *invocation_nth(const struct invocation *invocation, const char *name, size_t n)
{
    for (size_t i = 0; i < invocation->value_count; i++)
        if (strcmp(invocation->values[i].spec->name, name) == 0 && n-- == 0)
            return invocation->values[i].value;
    return NULL;
}

const char *invocation_option(const struct invocation *invocation, const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < invocation->value_count; i++)
        if (strcmp(invocation->values[i].spec->name, name) == 0)
            found = invocation->values[i].value;
    return found;
}

bool invocation_flag(const struct invocation *invocation, const char *name)
{
    for (size_t i = 0; i < invocation->value_count; i++)
        if (strcmp(invocation->values[i].spec->name, name) == 0)
            return true;
    return false;
}
