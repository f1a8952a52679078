// SPDX-License-Identifier: Apache-2.0
#include "policies/json_text.h"

#include <stdlib.h>

char *json_text_of(const json_t *value, size_t flags)
{
    size_t length = json_dumpb(value, NULL, 0, flags);
    char *text = length > 0 ? malloc(length + 1) : NULL;
    if (!text)
        return NULL;
    if (json_dumpb(value, text, length, flags) != length) {
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}
