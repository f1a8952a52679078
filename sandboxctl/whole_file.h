// SPDX-License-Identifier: Apache-2.0
// Files read and written in one piece. Main thread only.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// Reads a whole file ("-": standard input) of at most `maximum` bytes; NUL-terminated. The caller frees it.
char *read_whole_file(const char *path, size_t maximum, size_t *ret_length, struct error *err);

// The same for the file `name` of `folder`, both not empty: what lies outside of the folder, reached by ".."
// or by a symbolic link, is not read, nor is what is no regular file.
char *read_file_beneath(const char *folder, const char *name, size_t maximum, size_t *ret_length,
                        struct error *err);

// Replaces a file by what `put` writes, whole or not at all: beside it first, under the name PATH.part.
bool replace_whole_file(const char *path, void (*put)(FILE *out, const void *user), const void *user,
                        struct error *err);
