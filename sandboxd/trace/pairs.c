// SPDX-License-Identifier: Apache-2.0
// The list of pairs in OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS.
#include "sandboxd/trace/settings.h"

#include <ctype.h>
#include <string.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Decodes `length` bytes without the blanks around them. False: malformed, or too long.
static bool decode(const char *text, size_t length, char out[TRACE_TEXT_SIZE])
{
    while (length > 0 && text[0] == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char byte = text[i];
        if (byte == '%') {
            int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;
            if (low < 0)
                return false;
            byte = (char)(high * 16 + low);
            i += 2;
        }
        if (used + 1 >= TRACE_TEXT_SIZE || iscntrl((unsigned char)byte))
            return false;
        out[used++] = byte;
    }
    out[used] = '\0';
    return true;
}

bool trace_pairs_each(const char *list, void (*take)(void *context, const char *key, const char *value),
                      void *context)
{
    while (*list != '\0') {
        size_t length = strcspn(list, ",");
        const char *equals = memchr(list, '=', length);
        char key[TRACE_TEXT_SIZE], value[TRACE_TEXT_SIZE];
        if (equals == NULL || !decode(list, (size_t)(equals - list), key) || key[0] == '\0' ||
            !decode(equals + 1, (size_t)(list + length - equals - 1), value))
            return false;
        take(context, key, value);
        list += length + (list[length] == ',');
    }
    return true;
}
