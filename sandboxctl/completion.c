// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/completion.h"

#include <string.h>

static void put_option_words(FILE *out, const struct option_spec *options)
{
    for (; options->name != NULL; options++)
        fprintf(out, " --%s", options->name);
}

static void put_bash(FILE *out)
{
    fputs("# bash completion for sandboxctl\n_sandboxctl()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" words=\n"
          "    case \"$line\" in\n",
          out);
    for (const struct command *command = command_table; command->verb != NULL; command++) {
        fprintf(out, "    \"%s\"*) words=\"", command->verb);
        put_option_words(out, command->options);
        put_option_words(out, global_options);
        fputs("\" ;;\n", out);
    }
    fputs("    *) words=\"", out);
    for (const struct command *command = command_table; command->verb != NULL; command++)
        fprintf(out, " %s", command->verb);
    fputs("\" ;;\n    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\") $(compgen -f -- \"$word\"))\n}\n"
          "complete -o filenames -F _sandboxctl sandboxctl\n",
          out);
}

static void put_quoted(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (*text == '[' || *text == ']' || *text == ':')
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void put_zsh(FILE *out)
{
    fputs("#compdef sandboxctl\nlocal line=\"${words[2,CURRENT-1]}\"\ncase \"$line\" in\n", out);
    for (const struct command *command = command_table; command->verb != NULL; command++) {
        fprintf(out, "\"%s\"*) _arguments", command->verb);
        for (const struct option_spec *option = command->options; option->name != NULL; option++) {
            fprintf(out, " '--%s[", option->name);
            put_quoted(out, option->help);
            fputs(option->argument != NULL ? "]:value:_files'" : "]'", out);
        }
        fputs(" '*:file:_files' ;;\n", out);
    }
    fputs("*) local -a verbs=(", out);
    for (const struct command *command = command_table; command->verb != NULL; command++) {
        fprintf(out, " '%s:", command->verb);
        put_quoted(out, command->summary);
        fputc('\'', out);
    }
    fputs(")\n   _describe command verbs ;;\nesac\n", out);
}

static void put_fish(FILE *out)
{
    fputs("# fish completion for sandboxctl\n", out);
    for (const struct command *command = command_table; command->verb != NULL; command++) {
        size_t first = strcspn(command->verb, " ");
        fprintf(out, "complete -c sandboxctl -n __fish_use_subcommand -a %.*s -d '", (int)first,
                command->verb);
        put_quoted(out, command->summary);
        fputs("'\n", out);
        for (const struct option_spec *option = command->options; option->name != NULL; option++) {
            fprintf(out, "complete -c sandboxctl -n '__fish_seen_subcommand_from %.*s' -l %s -d '",
                    (int)first, command->verb, option->name);
            put_quoted(out, option->help);
            fputs(option->argument != NULL ? "' -r\n" : "'\n", out);
        }
    }
}

static const struct {
    const char *shell;
    void (*put)(FILE *out);
} shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};

enum exit_status completion_command(const struct invocation *invocation)
{
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(invocation->arguments[0], shells[i].shell) == 0) {
            shells[i].put(stdout);
            return STATUS_SUCCESS;
        }
    }
    return fail(STATUS_USAGE, "completion: expected bash, zsh or fish, not '%s'", invocation->arguments[0]);
}
