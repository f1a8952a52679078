// SPDX-License-Identifier: Apache-2.0
// What may follow on a command line, from the command table. Main thread only.
#pragma once

#include <stddef.h>
#include <stdio.h>

// Prints what the last of `words` (those behind "sandboxctl", the last one begun or empty) may become, a line
// each: the word, a tab, what it means. The line "/" stands for the names of files.
void completion_put_words(FILE *out, const char *const *words, size_t count);
