// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/completion_words.h"

#include "sandboxctl/command.h"
#include "sandboxctl/policy_source.h"

#include <string.h>

struct completion {
    FILE *out;
    const char *begun; // what the word has so far
};

static void offer(const struct completion *to, const char *prefix, const char *word, size_t length,
                  const char *meaning)
{
    char whole[256];
    snprintf(whole, sizeof whole, "%s%.*s", prefix, (int)length, word);
    if (strncmp(whole, to->begun, strlen(to->begun)) == 0)
        fprintf(to->out, "%s\t%s\n", whole, meaning);
}

static void offer_files(const struct completion *to)
{
    fputs("/\n", to->out);
}

static void offer_policies(const struct completion *to)
{
    struct policy_sources sources;
    policy_sources_init(&sources);
    if (policy_source_collect(&sources, NULL, NULL))
        for (size_t i = 0; i < sources.count; i++)
            if (sources.items[i].name != NULL)
                offer(to, "", sources.items[i].name, strlen(sources.items[i].name), "a stock policy");
    policy_sources_free(&sources);
}

// How many of the words make up the verb, if they do; else 0.
static size_t verb_words(const char *verb, const char *const *words, size_t count)
{
    size_t taken = 0;
    for (; *verb != '\0'; taken++) {
        size_t length = strcspn(verb, " ");
        if (taken == count || strlen(words[taken]) != length || strncmp(words[taken], verb, length) != 0)
            return 0;
        verb += length + (verb[length] == ' ');
    }
    return taken;
}

static const struct command *find_command(const char *const *words, size_t count)
{
    for (const struct command *command = command_table; command->verb != NULL; command++)
        if (verb_words(command->verb, words, count) > 0)
            return command;
    return NULL;
}

// A verb's first word, once for a whole group of them, or what follows it in the group `first`.
static void offer_verbs(const struct completion *to, const char *first)
{
    size_t length = strlen(first);
    for (const struct command *command = command_table; command->verb != NULL; command++) {
        const char *verb = command->verb;
        size_t word = strcspn(verb, " ");
        bool grouped = verb[word] == ' ';
        if (length > 0) {
            if (grouped && word == length && strncmp(verb, first, length) == 0)
                offer(to, "", verb + word + 1, strlen(verb + word + 1), command->summary);
        } else if (!grouped) {
            offer(to, "", verb, word, command->summary);
        } else if (command == command_table || strncmp(command[-1].verb, verb, word + 1) != 0) {
            offer(to, "", verb, word, "several commands");
        }
    }
}

static void offer_options(const struct completion *to, const struct option_spec *options)
{
    for (; options->name != NULL; options++)
        offer(to, "--", options->name, strlen(options->name), options->help);
}

// The option that `word` is and that takes the next word as its value; NULL if it is no such thing.
static const struct option_spec *awaits_value(const struct command *command, const char *word)
{
    for (const struct option_spec *option = command->options; option->name != NULL; option++)
        if (option->argument != NULL && word[0] == '-' &&
            ((word[1] == '-' && strcmp(word + 2, option->name) == 0) ||
             (word[1] == option->letter && word[1] != '\0' && word[2] == '\0')))
            return option;
    return NULL;
}

static void offer_value(const struct completion *to, const struct option_spec *option)
{
    if (option->completes == NULL)
        return;
    if (strcmp(option->completes, "policy") == 0)
        offer_policies(to);
    if (strchr(option->argument, '|') != NULL || strcmp(option->completes, "file") == 0)
        offer_files(to);
}

// From the way that help tells of a verb's arguments: "NAME|FILE", "bash|zsh|fish", "[DIR]".
static void offer_arguments(const struct completion *to, const struct command *command)
{
    const char *text = command->arguments;
    if (strstr(text, "FILE") != NULL || strstr(text, "DIR") != NULL)
        offer_files(to);
    if (strncmp(command->verb, "policy ", 7) == 0 && strstr(text, "NAME") != NULL)
        offer_policies(to);
    for (size_t length; *text != '\0'; text += length + (text[length] != '\0')) {
        length = strcspn(text, "| ");
        if (*text >= 'a' && *text <= 'z')
            offer(to, "", text, length, "");
    }
}

void completion_put_words(FILE *out, const char *const *words, size_t count)
{
    struct completion to = {.out = out, .begun = count > 0 ? words[count - 1] : ""};
    size_t before = count > 0 ? count - 1 : 0;
    // bash takes --policy=strict for three words.
    bool joined = before >= 2 && strcmp(words[before - 1], "=") == 0;
    bool joining = !joined && before >= 1 && strcmp(to.begun, "=") == 0;
    if (joining)
        to.begun = "";
    if (joined)
        before--;
    const struct command *command = find_command(words, before);
    if (command == NULL) {
        if (before == 0 || (before == 1 && strcmp(words[0], "help") == 0))
            offer_verbs(&to, "");
        else if (before == 1 || (before == 2 && strcmp(words[0], "help") == 0))
            offer_verbs(&to, words[before - 1]);
        return;
    }
    const struct option_spec *option = awaits_value(command, words[before - 1]);
    if (option != NULL) {
        offer_value(&to, option);
    } else if (to.begun[0] == '-') {
        offer_options(&to, command->options);
        offer_options(&to, global_options);
    } else {
        offer_arguments(&to, command);
    }
}
