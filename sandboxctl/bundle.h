// SPDX-License-Identifier: Apache-2.0
// A plugin on disk: one Lua file, or a folder with plugin.json and its modules. Main thread only.
#pragma once

#include "base/error.h"
#include "packaging/manifest.h"
#include "runtime/protocol/job_messages.h"

#include <jansson.h>
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
    json_t *manifest;         // NULL for a single file
    struct manifest declared; // limits and schemas of its runs; see bundle_declare
    struct bundle_module modules[MODULES_MAX]; // [0] is the entry
    size_t module_count;
};

// Reads a plugin. `path` is a .lua file, "-" for standard input, a folder with plugin.json, or a plugin.json.
// Errors name the file, and the member of the manifest.
bool bundle_load(struct bundle *ret_bundle, const char *path, struct error *err);
// The module that errors and profiles call `name`; NULL if there is none.
const struct bundle_module *bundle_find_module(const struct bundle *bundle, struct bytes name);
// Reads what the manifest declares for runs, as the registry would: limits, input and output. Nothing for a
// single file. Errors tell its first fault.
bool bundle_declare(struct bundle *bundle, const char *path, struct error *err);
void bundle_free(struct bundle *bundle);
