// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

#include <stddef.h>

// Reads a whole file ("-": standard input) of at most `maximum` bytes; NUL-terminated. The caller frees it.
char *read_whole_file(const char *path, size_t maximum, size_t *ret_length, struct error *err);
