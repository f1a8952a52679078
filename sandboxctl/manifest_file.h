// SPDX-License-Identifier: Apache-2.0
// A plugin.json on disk, checked as a registry would. Main thread only.
#pragma once

#include "base/error.h"
#include "packaging/manifest.h"
#include "policies/diagnostics.h"

#include <stdbool.h>

// The manifest that `plugin` (a folder, or a plugin.json) has: its path, which the caller frees. NULL if it
// is a file of another name, or if there is no memory.
char *manifest_file_of(const char *plugin);

// Reads and checks it. Faults of what it says are in `faults`, under its path; false if it cannot be read.
// The caller frees the manifest in either case.
bool manifest_file_read(const char *path, struct manifest *ret_manifest, struct diagnostics *faults,
                        struct error *err);
