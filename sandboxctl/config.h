// SPDX-License-Identifier: Apache-2.0
// Where the server is and how to log in: flag, environment, profile of the configuration file, default.
// Main thread only.
#pragma once

#include "base/error.h"
#include "sandboxctl/command.h"

struct config_value {
    char *text;         // owned; NULL if nothing gives it
    const char *origin; // "--url", "SANDBOXCTL_URL", the file's path, "default"
};

struct config {
    char *path; // of the configuration file, whether or not it is there
    struct config_value url;
    struct config_value api_key;
};

// Reads it all. A file that cannot be parsed is an error with its line and column.
bool config_load(const struct invocation *invocation, struct config *ret_config, struct error *err);
// The same for a command whose options of these names mean something else; either may be NULL.
bool config_load_from(const char *url, const char *profile, struct config *ret_config, struct error *err);
void config_free(struct config *config);

// sandboxctl config show [--origin]
extern const struct option_spec config_options[];
enum exit_status config_show_command(const struct invocation *invocation);
