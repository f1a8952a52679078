// SPDX-License-Identifier: Apache-2.0
#include "base/json_raw.h"

#include "base/json_cursor.h"

struct bytes json_raw_member(struct bytes text, const char *name)
{
    struct json_cursor cursor;
    struct bytes value;
    json_cursor_init(&cursor, text, JSON_DEPTH_MAX);
    if (json_next(&cursor) != JSON_OBJECT_BEGIN)
        return bytes_of("", 0);
    while (json_next(&cursor) == JSON_NAME) {
        bool wanted = bytes_equal_text(cursor.span, name);
        if (!json_skip_value(&cursor, &value))
            break;
        if (wanted)
            return value;
    }
    return bytes_of("", 0);
}
