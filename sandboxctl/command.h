// SPDX-License-Identifier: Apache-2.0
// The command table: every verb with its options, text and examples. Parsing, help, completions and the
// manual page all come from it. Main thread only.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "sandboxctl/exit_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct invocation;

struct option_spec {
    const char *name;     // long name without the dashes
    char letter;          // short form, or 0
    const char *argument; // what its value is called in help; NULL for a flag
    const char *help;
    const char *completes; // "file", "directory", "policy" or NULL
};

struct command {
    const char *verb;      // "run", "policy check"
    const char *arguments; // "FILE", "[DIR]"
    const char *summary;   // one line, imperative
    const char *details;   // paragraphs, or NULL
    const char *examples;  // lines, each a command and what it does
    size_t arguments_min;
    size_t arguments_max;
    const struct option_spec *options; // ends with a row whose name is NULL
    enum exit_status (*run)(const struct invocation *invocation);
};

// Ends with a row whose verb is NULL.
extern const struct command command_table[];
// Taken by every command; ends with a row whose name is NULL.
extern const struct option_spec global_options[];

enum { OPTION_VALUES_MAX = 64 };

struct option_value {
    const struct option_spec *spec;
    const char *value; // NULL for a flag
};

// One parsed command line. Borrows from argv.
struct invocation {
    const struct command *command;
    const char *group;            // of which help is wanted, "policy" of "policy check"; else NULL
    const char *const *arguments; // owned array, borrowed texts
    size_t argument_count;
    struct option_value values[OPTION_VALUES_MAX];
    size_t value_count;
    bool json;   // --json
    bool colour; // standard output is a terminal that has them, and neither NO_COLOR nor --no-color is given
    bool error_colour; // the same of standard error
};

enum parse_status { PARSE_RUN, PARSE_HELP, PARSE_VERSION, PARSE_USAGE };

// Reads the command line into `ret_invocation`. PARSE_HELP: print help (of ->command if not NULL).
// PARSE_USAGE: a message, with "did you mean" where a word is close, was printed on standard error.
enum parse_status command_parse(int argc, char **argv, struct invocation *ret_invocation);
void invocation_free(struct invocation *invocation);

// The last value given for an option; NULL if it was not given.
const char *invocation_option(const struct invocation *invocation, const char *name);
bool invocation_flag(const struct invocation *invocation, const char *name);
// The n-th value of a repeatable option; NULL when there are no more.
const char *invocation_nth(const struct invocation *invocation, const char *name, size_t n);

// Help for one command, or the overview if `command` is NULL.
void command_help(FILE *out, const struct command *command);
// The verbs whose first word is `group`.
void command_list_group(FILE *out, const char *group);

// Prints an error's text and returns the exit status that fits its kind: what does not exist is
// STATUS_NOT_FOUND, what is malformed STATUS_USAGE, what is over a limit STATUS_LIMITED, and so on.
enum exit_status fail_with(const struct error *err);

// Prints "sandboxctl: text" on standard error and returns `status`.
enum exit_status fail(enum exit_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Prints a whole answer and a newline on standard output, and frees it. Gives `status`; if memory ran out
// over the text, which is not printed then, STATUS_FAILURE.
enum exit_status print_text(struct buffer *text, enum exit_status status);
