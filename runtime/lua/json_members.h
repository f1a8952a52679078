// SPDX-License-Identifier: Apache-2.0
// Puts the members of a JSON object that was just written into the order of their names. The text itself is
// moved, so that the Lua table needs to be walked only once and no list of its keys is kept. Private to
// json_from_lua.c. Worker.
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One member within the text: `"name":value`, offsets from the start of the buffer.
struct json_member {
    uint32_t begin;
    uint32_t name_end; // behind the name's closing quote
    uint32_t end;
};

// The members of all objects that are open now, the innermost object's last.
struct json_members {
    struct json_member *rows; // owned
    size_t count;
    size_t capacity;
    char *scratch; // owned
    size_t scratch_size;
};

void json_members_free(struct json_members *members);
// False if memory ran out.
bool json_members_add(struct json_members *members, struct json_member member);
// Sorts the members from row `first` on, whose texts lie one behind the other in `text` with one comma
// between them, by the bytes of their names, and drops these rows. False if memory ran out.
bool json_members_sort(struct json_members *members, size_t first, char *text);
