// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/context.h"

#include "base/json_cursor.h"
#include "sandboxctl/whole_file.h"

#include <stdlib.h>
#include <string.h>

char *context_read(const char *argument, size_t maximum, unsigned depth, size_t *ret_length,
                   struct error *err)
{
    const char *source = "--context";
    char *text;
    size_t length;
    if (argument == NULL)
        argument = "null";
    if (argument[0] == '@' || strcmp(argument, "-") == 0) {
        source = argument[0] == '@' ? argument + 1 : argument;
        text = read_whole_file(source, maximum, &length, err);
        if (text == NULL)
            return NULL;
    } else {
        length = strlen(argument);
        text = strdup(argument);
        if (text == NULL) {
            error_set(err, ERROR_MEMORY, "out of memory");
            return NULL;
        }
    }
    struct json_fault fault;
    if (length > maximum) {
        error_set(err, ERROR_LIMIT, "%s: %zu bytes; the policy's context_bytes is %zu", source, length,
                  maximum);
    } else if (!json_check(bytes_of(text, length), depth, &fault)) {
        error_set(err, ERROR_INVALID, "%s:%u:%u: %s", source, fault.line, fault.column, fault.what);
    } else {
        *ret_length = length;
        return text;
    }
    free(text);
    return NULL;
}
