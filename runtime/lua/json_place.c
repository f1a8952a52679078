// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/json_place.h"

#include "base/buffer.h"
#include "base/json_write.h"
#include "base/utf8.h"

#include <stdio.h>

enum {
    STEPS_SHOWN = 6, // at either end of a path
    NAME_SHOWN = 24, // bytes of a name
};

static bool is_identifier(struct bytes name)
{
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        if (!letter && (i == 0 || byte < '0' || byte > '9'))
            return false;
    }
    return name.length > 0;
}

static void put_step(struct buffer *out, const struct json_place *place)
{
    if (place->in_array) {
        buffer_append_byte(out, '[');
        json_put_integer(out, place->index);
        buffer_append_byte(out, ']');
        return;
    }
    struct bytes shown = bytes_of(place->name.data, utf8_cut(place->name, NAME_SHOWN));
    if (is_identifier(place->name)) {
        buffer_append_byte(out, '.');
        buffer_append(out, shown.data, shown.length);
    } else {
        buffer_append_byte(out, '[');
        json_put_string(out, shown);
        buffer_append_byte(out, ']');
    }
    if (shown.length < place->name.length)
        buffer_append_text(out, "...");
}

void json_place_text(const struct json_place *place, char *text, size_t size)
{
    struct buffer out = buffer_over(text, size);
    size_t depth = 0;
    for (const struct json_place *at = place; at->parent != NULL; at = at->parent)
        depth++;
    const struct json_place *first[STEPS_SHOWN];
    const struct json_place *last[STEPS_SHOWN];
    size_t number = depth;
    for (const struct json_place *at = place; at->parent != NULL; at = at->parent) {
        number--;
        if (number < STEPS_SHOWN)
            first[number] = at;
        if (depth - 1 - number < STEPS_SHOWN)
            last[depth - 1 - number] = at;
    }
    buffer_append_byte(&out, '$');
    for (size_t i = 0; i < depth && i < STEPS_SHOWN; i++)
        put_step(&out, first[i]);
    if (depth > 2 * (size_t)STEPS_SHOWN)
        buffer_append_text(&out, "...");
    size_t tail = depth > 2 * (size_t)STEPS_SHOWN ? STEPS_SHOWN
                  : depth > STEPS_SHOWN           ? depth - STEPS_SHOWN
                                                  : 0;
    while (tail > 0)
        put_step(&out, last[--tail]);
}

const struct json_place *json_place_above(const struct json_place *place, const void *table)
{
    for (const struct json_place *at = place->parent; at != NULL; at = at->parent)
        if (at->table == table)
            return at;
    return NULL;
}
