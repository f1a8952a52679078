// SPDX-License-Identifier: Apache-2.0
// The context of a run as it is given on a command line: JSON text, @FILE, or - for standard input.
#pragma once

#include "base/error.h"

#include <stddef.h>

// Reads and checks it (strict JSON, at most `maximum` bytes, at most `depth` deep). NULL `argument` gives
// "null". The caller frees the text. Errors name line and column.
char *context_read(const char *argument, size_t maximum, unsigned depth, size_t *ret_length,
                   struct error *err);
