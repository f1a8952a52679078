// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/policies/entity_tag.h"

#include <stddef.h>
#include <string.h>

bool entity_tag_matches(const char *header, const char *tag)
{
    static const char separators[] = " \t,";
    if (!tag)
        return false;
    header += strspn(header, separators);
    if (header[0] == '*')
        return header[1 + strspn(header + 1, separators)] == '\0';
    size_t length = strlen(tag);
    while (*header) {
        bool weak = strncmp(header, "W/", 2) == 0;
        const char *opening = header + (weak ? 2 : 0);
        const char *closing = *opening == '"' ? strchr(opening + 1, '"') : NULL;
        if (!closing)
            return false;
        if (!weak && (size_t)(closing - opening - 1) == length && memcmp(opening + 1, tag, length) == 0)
            return true;
        header = closing + 1;
        header += strspn(header, separators);
    }
    return false;
}
