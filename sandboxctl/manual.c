// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/manual.h"

#include <string.h>

// scdoc gives meaning to these; a backslash takes it away.
static void put_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("*_\\#|<>[]", *text) != NULL)
            putchar('\\');
        putchar(*text);
    }
}

static void put_options(const struct option_spec *options)
{
    for (; options->name != NULL; options++) {
        putchar('*');
        if (options->letter != 0)
            printf("-%c*, *", options->letter);
        printf("--%s*", options->name);
        if (options->argument != NULL) {
            putchar(' ');
            put_text(options->argument);
        }
        fputs("\n\t", stdout);
        put_text(options->help);
        fputs("\n\n", stdout);
    }
}

// An example is a literal block: scdoc fences it.
static void put_examples(const char *examples)
{
    fputs("```\n", stdout);
    for (const char *at = examples; *at != '\0'; at += *at == '\n') {
        size_t length = strcspn(at, "\n");
        fwrite(at, 1, length, stdout);
        putchar('\n');
        at += length;
    }
    fputs("```\n\n", stdout);
}

static void put_command(const struct command *command)
{
    // scdoc takes a heading as it stands: there a backslash would be one.
    printf("## %s%s%s\n\n", command->verb, *command->arguments != '\0' ? " " : "", command->arguments);
    put_text(command->summary);
    fputs(".\n\n", stdout);
    if (command->details != NULL) {
        put_text(command->details);
        fputs("\n\n", stdout);
    }
    put_options(command->options);
    if (command->examples != NULL)
        put_examples(command->examples);
}

static const char *const statuses[][2] = {
    {"0", "success"},
    {"1", "failure"},
    {"2", "wrong usage"},
    {"3", "the plugin ran and failed, or a test or a validation did"},
    {"4", "not authenticated, or not allowed"},
    {"5", "not found"},
    {"6", "refused by a limit or quota"},
    {"7", "the server cannot be reached"},
    {"130", "interrupted"},
};

static const char *const variables[][2] = {
    {"SANDBOXCTL_URL", "the server"},
    {"SANDBOXCTL_API_KEY, SANDBOXCTL_API_KEY_FILE", "the key, or a file that holds it"},
    {"SANDBOXD_POLICY_DIR", "the folder of stock policies"},
    {"SANDBOX_ZYGOTE_PATH", "the sandbox-zygote executable"},
    {"SANDBOX_PROBE_PATH, SANDBOX_PROBE_UNFILTERED_PATH", "the probes of *doctor*"},
    {"NO_COLOR", "no colours, if it is set and not empty"},
};

enum exit_status manual_command(const struct invocation *invocation)
{
    (void)invocation;
    fputs("sandboxctl(1)\n\n# NAME\n\nsandboxctl - run, test and tune sandboxed Lua plugins\n\n"
          "# SYNOPSIS\n\n*sandboxctl* COMMAND [OPTIONS] [ARGUMENTS]\n\n"
          "# DESCRIPTION\n\nThe local commands run plugins on this machine, with no server and no root, "
          "through\n"
          "the same engine, worker and policies as *sandboxd*(8), so that the verdict is the same. Data goes "
          "to\n"
          "standard output, messages go to standard error.\n\n# COMMANDS\n\n",
          stdout);
    for (const struct command *command = command_table; command->verb != NULL; command++)
        put_command(command);
    fputs("# OPTIONS OF EVERY COMMAND\n\n", stdout);
    put_options(global_options);
    fputs("# EXIT STATUS\n\n", stdout);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        printf("*%s*\n\t%s\n\n", statuses[i][0], statuses[i][1]);
    fputs("# ENVIRONMENT\n\n", stdout);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        putchar('*');
        put_text(variables[i][0]);
        printf("*\n\t%s\n\n", variables[i][1]);
    }
    fputs("# FILES\n\n*$XDG_CONFIG_HOME/sandboxctl/config.json*\n\t{\"profile\": \"home\", \"profiles\": "
          "{\"home\": "
          "{\"url\": \"http://127.0.0.1:8080\", \"api\\_key\\_file\": \"/path/of/key\"}}}\n\n"
          "# SEE ALSO\n\n*sandbox-plugin*(7), *sandboxd*(8), *sandboxd.json*(5)\n",
          stdout);
    return STATUS_SUCCESS;
}
