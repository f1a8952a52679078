// SPDX-License-Identifier: Apache-2.0
// The names of the Lua environment as policies, engine and zygote know them. The one table is
// lua_names.def: library, name, group, signature, one-line doc, why it is safe. runtime/lua binds each row
// to its function; policies may allow or deny whole libraries or single rows; luacheck's standard, the
// editor stubs and the manual are generated from it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum lua_name {
#define LUA_NAME(id, library, name, signature, doc, why) LUA_NAME_##id,
#include "runtime/protocol/lua_names.def"
#undef LUA_NAME
    LUA_NAME_COUNT,
};

struct lua_name_info {
    const char *library; // "base", "string", ...
    const char *name;    // within the library: "rep"; for base the global itself: "pairs"
    const char *signature;
    const char *doc;
    const char *why_safe;
};

extern const struct lua_name_info lua_name_table[LUA_NAME_COUNT];

// "string.rep", or "pairs" for a base function, into `text` (NUL-terminated, cut if `size` is too small).
void lua_name_text(enum lua_name name, char *text, size_t size);

// Marks every row that `text` names ("string", "string.rep", "pairs", "base") in `set`, with `value`.
// Returns how many rows it named: 0 if there is no such library or function.
size_t lua_names_select(const char *text, size_t length, bool set[LUA_NAME_COUNT], bool value);
