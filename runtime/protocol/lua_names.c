// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/lua_names.h"

#include <string.h>

const struct lua_name_info lua_name_table[LUA_NAME_COUNT] = {
#define LUA_NAME(id, library_, name_, signature_, doc_, why_) \
    [LUA_NAME_## \
        id] = {.library = library_, .name = name_, .signature = signature_, .doc = doc_, .why_safe = why_},
#include "runtime/protocol/lua_names.def"
#undef LUA_NAME
};

static bool is_base(const struct lua_name_info *info)
{
    return strcmp(info->library, "base") == 0;
}

void lua_name_text(enum lua_name name, char *text, size_t size)
{
    const struct lua_name_info *info = &lua_name_table[name];
    const char *parts[] = {is_base(info) ? "" : info->library, is_base(info) ? "" : ".", info->name};
    size_t length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *from = parts[i]; *from != '\0' && length + 1 < size; from++)
            text[length++] = *from;
    text[length] = '\0';
}

static bool names_row(const char *text, size_t length, const struct lua_name_info *info, enum lua_name name)
{
    char whole[64];
    if (strlen(info->library) == length && memcmp(info->library, text, length) == 0)
        return true;
    lua_name_text(name, whole, sizeof whole);
    return strlen(whole) == length && memcmp(whole, text, length) == 0;
}

size_t lua_names_select(const char *text, size_t length, bool set[LUA_NAME_COUNT], bool value)
{
    size_t named = 0;
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        if (names_row(text, length, &lua_name_table[i], (enum lua_name)i)) {
            set[i] = value;
            named++;
        }
    }
    return named;
}
