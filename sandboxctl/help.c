// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/command.h"

#include <string.h>

static void put_options(FILE *out, const struct option_spec *options)
{
    for (; options->name != NULL; options++) {
        char left[64];
        int used = snprintf(left, sizeof left, "--%s", options->name);
        if (options->argument != NULL)
            snprintf(left + used, sizeof left - (size_t)used, " %s", options->argument);
        if (options->letter != 0)
            fprintf(out, "  -%c, %-30s %s\n", options->letter, left, options->help);
        else
            fprintf(out, "      %-30s %s\n", left, options->help);
    }
}

static void put_overview(FILE *out)
{
    fputs("sandboxctl - run, test and tune sandboxed Lua plugins\n\n"
          "Examples\n"
          "  sandboxctl new greeter                  make a plugin with a test\n"
          "  sandboxctl run greeter                  run it as the server would\n"
          "  sandboxctl test greeter                 run its test cases\n"
          "  sandboxctl policy check my.json         find every fault of a policy\n\n"
          "Usage: sandboxctl COMMAND [OPTIONS] [ARGUMENTS]\n\n"
          "Commands\n",
          out);
    for (const struct command *command = command_table; command->verb != NULL; command++)
        fprintf(out, "  %-23s %s\n", command->verb, command->summary);
    fputs("\nOptions of every command\n", out);
    put_options(out, global_options);
    fputs("\n'sandboxctl COMMAND --help' tells more of one; the manual is sandboxctl(1).\n", out);
}

void command_list_group(FILE *out, const char *group)
{
    size_t length = strlen(group);
    for (const struct command *command = command_table; command->verb != NULL; command++)
        if (strncmp(command->verb, group, length) == 0 && command->verb[length] == ' ')
            fprintf(out, "  %-23s %s\n", command->verb, command->summary);
}

void command_help(FILE *out, const struct command *command)
{
    if (command == NULL) {
        put_overview(out);
        return;
    }
    if (command->examples != NULL)
        fprintf(out, "Examples\n%s\n", command->examples);
    fprintf(out, "Usage: sandboxctl %s [OPTIONS] %s\n\n%s.\n", command->verb, command->arguments,
            command->summary);
    if (command->details != NULL)
        fprintf(out, "\n%s\n", command->details);
    fputs("\nOptions\n", out);
    put_options(out, command->options);
    put_options(out, global_options);
}
