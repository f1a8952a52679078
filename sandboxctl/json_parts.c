// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_parts.h"

#include "base/json_cursor.h"

bool json_parts_check(struct bytes text, const char *file, struct error *err)
{
    struct json_fault fault;
    return json_check(text, JSON_DEPTH_MAX, &fault) ||
           error_set(err, ERROR_INVALID, "%s:%u:%u: %s", file, fault.line, fault.column, fault.what);
}

char json_parts_kind(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] != ' ' && text.data[i] != '\t' && text.data[i] != '\n' && text.data[i] != '\r')
            return text.data[i];
    return 0;
}

bool json_parts_each(struct bytes text, bool (*take)(void *user, struct bytes name, struct bytes value),
                     void *user)
{
    struct json_cursor cursor;
    struct bytes name = bytes_of("", 0), value;
    json_cursor_init(&cursor, text, JSON_DEPTH_MAX);
    enum json_token container = json_next(&cursor);
    if (container != JSON_OBJECT_BEGIN && container != JSON_ARRAY_BEGIN)
        return true;
    for (;;) {
        if (container == JSON_OBJECT_BEGIN && json_next(&cursor) != JSON_NAME)
            return true;
        if (container == JSON_OBJECT_BEGIN)
            name = cursor.span;
        if (!json_skip_value(&cursor, &value))
            return true;
        if (!take(user, name, value))
            return false;
    }
}
