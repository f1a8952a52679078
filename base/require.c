// SPDX-License-Identifier: Apache-2.0
#include "base/require.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(const char *text)
{
    // There is nothing left to do about a failed write of a last word.
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

_Noreturn void require_failed(const char *expression, const char *file, int line)
{
    char digits[12] = {0};
    size_t at = sizeof digits - 1;
    do {
        digits[--at] = (char)('0' + line % 10);
        line /= 10;
    } while (line > 0 && at > 0);
    put(file);
    put(":");
    put(digits + at);
    put(": invariant broken: ");
    put(expression);
    put("\n");
    abort();
}
