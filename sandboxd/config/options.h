// SPDX-License-Identifier: Apache-2.0
// The table of options: flags, environment, members of sandboxd.json, defaults and help all come from it.
#pragma once

#include "base/bytes.h"
#include "sandboxd/config/config.h"

#include <stddef.h>

enum option_type { OPTION_LIST, OPTION_TEXT, OPTION_CHOICE, OPTION_COUNT, OPTION_BYTES, OPTION_MS };

struct config_option {
    const char *member;      // "http.threads": a dot goes into an object of sandboxd.json
    const char *environment; // "SANDBOXD_HTTP_THREADS"; the flag is made of it: --http-threads
    enum option_type type;
    size_t offset;              // in struct config
    const char *const *choices; // OPTION_CHOICE: NULL-terminated, in the order of the enum
    uint64_t minimum, maximum;  // numbers
    bool reloadable;            // SIGHUP takes it over
    const char *default_text;   // as shown in the help
    const char *help;
};

extern const struct config_option config_options[];
extern const unsigned config_option_count;

// "--http-threads"; the size is enough for every option.
enum { OPTION_FLAG_SIZE = 48 };
void option_flag(const struct config_option *option, char flag[OPTION_FLAG_SIZE]);

// Sets an option from text (a list: comma-separated), or from a number. ERROR_INVALID says what was expected.
bool option_set_text(const struct config_option *option, struct config *config, struct bytes text,
                     struct error *err);
bool option_set_number(const struct config_option *option, struct config *config, int64_t number,
                       struct error *err);
bool option_clear_list(const struct config_option *option, struct config *config);
bool option_add_item(const struct config_option *option, struct config *config, struct bytes text,
                     struct error *err);
// Whether two configurations have the same value.
bool option_equal(const struct config_option *option, const struct config *a, const struct config *b);
void option_copy(const struct config_option *option, struct config *to, const struct config *from);

// Reads `file` into `config`.
bool config_file_read(const char *file, struct config *config, struct diagnostics *faults);
