// SPDX-License-Identifier: Apache-2.0
// The files that a run reads, and whether they are still what they were. inotify only says when to look; what
// a run writes, or an editor's own files beside them, change nothing here. Main thread only.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct watched_file {
    char *path;
    struct stat seen; // all zero: it was not there
};

struct watched_files {
    struct watched_file *items;
    size_t count;
};

// What a run of `plugin` reads, as it is on disk now: the file or the manifest and its modules, be they there
// or not; `context` as --context gives it, if it is a file; `policy` as --policy gives it, and its parents.
// The last two may be NULL. The caller frees it, also after a failure.
bool watched_files_collect(struct watched_files *ret_files, const char *plugin, const char *context,
                           const char *policy, struct error *err);
// Has `notifier` (inotify) tell when it is time to look: by the folders of the files, or while one is
// missing, the nearest one above it. To be called again after each event, for the folders that came and went.
bool watched_files_place(const struct watched_files *files, int notifier, struct error *err);
bool watched_files_changed(const struct watched_files *files);
void watched_files_free(struct watched_files *files);
