// SPDX-License-Identifier: Apache-2.0
// The plugin verbs that ask the server's registry.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec plugin_list_options[], plugin_publish_options[], plugin_install_options[],
    plugin_installed_options[];
enum exit_status plugin_list_command(const struct invocation *invocation);
enum exit_status plugin_get_command(const struct invocation *invocation);
enum exit_status plugin_publish_command(const struct invocation *invocation); // plugin_publish.c
enum exit_status plugin_install_command(const struct invocation *invocation);
enum exit_status plugin_installed_command(const struct invocation *invocation);
enum exit_status plugin_uninstall_command(const struct invocation *invocation);
enum exit_status plugin_yank_command(const struct invocation *invocation);

// "acme/slugify@^1.2", taken apart: a name with its namespace, and what follows an '@' (NULL: nothing). False
// with a message if it is no such text. The caller frees the name.
bool plugin_argument(const char *text, char **ret_name, const char **ret_version);
