// SPDX-License-Identifier: Apache-2.0
// Where in a Lua value the JSON writer is: a chain of places on the C stack, from the value at hand up to the
// root, for paths in messages and to notice cycles. Private to json_from_lua.c. Worker.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

struct json_place {
    const struct json_place *parent; // NULL for the root
    const void *table;               // identity of the value here, if it is a table
    bool in_array;
    long long index;   // Lua's, from 1, when in_array
    struct bytes name; // otherwise; borrowed from Lua
};

// "$.items[3].name" into `text`, NUL-terminated and valid UTF-8. Long names are cut, and the middle of a long
// path is left out.
void json_place_text(const struct json_place *place, char *text, size_t size);
// The nearest place above `place` whose value is `table`; NULL if there is none.
const struct json_place *json_place_above(const struct json_place *place, const void *table);
