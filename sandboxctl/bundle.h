// SPDX-License-Identifier: Apache-2.0
// A plugin on disk: one Lua file, or a folder with plugin.json and its modules. Main thread only.
#pragma once

#include "base/error.h"
#include "packaging/manifest.h"
#include "runtime/protocol/job_messages.h"

#include <stdbool.h>
#include <stddef.h>

struct bundle_module {
    char *name; // as `require` knows it; the entry's is its file name
    char *path;
    char *code;
    size_t length;
};

struct bundle {
    char *folder;             // the plugin's folder; for a single file the one that it lies in
    char *manifest;           // the path of its plugin.json; NULL for a single file
    char *manifest_text;      // what that says, as it was written
    struct manifest declared; // the same, read as the registry does; empty for a single file
    struct bundle_module modules[MODULES_MAX]; // [0] is the entry
    size_t module_count;
};

// Reads a plugin. `path` is a .lua file, "-" for standard input, a folder with plugin.json, or a plugin.json.
// Errors name the file; the first fault of a manifest is one, with its line and member.
bool bundle_load(struct bundle *ret_bundle, const char *path, struct error *err);
// The same for those who tell of all that is wrong: faults of a manifest go to `faults`, which the caller
// frees, under its path. A module whose file cannot be read is one, and then the bundle has no modules at
// all; an error is what leaves nothing to be told of.
bool bundle_read(struct bundle *ret_bundle, const char *path, struct diagnostics *faults, struct error *err);
// The module that errors and profiles call `name`; NULL if there is none.
const struct bundle_module *bundle_find_module(const struct bundle *bundle, struct bytes name);
void bundle_free(struct bundle *bundle);
