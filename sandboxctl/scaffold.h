// SPDX-License-Identifier: Apache-2.0
// The files of a new plugin, with "@NAME@" where its name goes.
#pragma once

struct scaffold_file {
    const char *path; // inside the plugin's folder
    const char *text;
};

// Ends with a row whose path is NULL.
extern const struct scaffold_file scaffold_files[];
