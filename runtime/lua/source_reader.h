// SPDX-License-Identifier: Apache-2.0
// Feeds source text to the compiler line by line, so that a limit that strikes while it compiles (which is C
// code, and can take long) still has a line. Text only: bytecode is refused by name. Worker only.
#pragma once

#include "base/bytes.h"

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

struct lua_image;

struct source_reader {
    struct bytes name; // what errors call it
    struct bytes code;
    size_t offset;     // of the first byte not yet given out
    uint32_t line;     // that the compiler is reading
    bool byte_by_byte; // for exact columns, slowly
};

// The code without the byte order mark that it may begin with.
struct bytes source_text(struct bytes code);
// Compiles a chunk named `name` and pushes the function. On failure pushes the message instead and gives the
// line it is about in `ret_line` (0 if unknown). A byte order mark at the start is passed over.
bool source_compile(lua_State *L, struct bytes name, struct bytes code, uint32_t *ret_line);
// The same for a reader that the caller has set up; afterwards reader->offset tells how far it was read.
int source_load(lua_State *L, struct source_reader *reader);
// The line in a message "name:12: text" of the compiler's about chunk `name`; 0 if it has none. `ret_text`,
// unless NULL, points to the text after it.
uint32_t source_message_line(struct bytes name, const char *message, const char **ret_text);
