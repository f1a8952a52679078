// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/editor_files.h"

#include <string.h>

static bool is_function(const struct lua_name_info *info)
{
    return strchr(info->signature, '(') != NULL;
}

// A parameter of a signature such as "string.rep(s, n [, sep])": from the first bracket on
// they may be left out.
struct parameter {
    const char *name;
    int length;
    bool optional;
};

// The next one from `*at` on; false at the end. A text in quotes stands for itself and is none.
static bool next_parameter(const char **at, bool *optional, struct parameter *ret_parameter)
{
    bool quoted = false;
    for (; **at != '\0' && (quoted || **at != ')'); ++*at) {
        quoted = quoted != (**at == '"');
        if (quoted)
            continue;
        *optional = *optional || **at == '[';
        size_t length = strcspn(*at, " ,[]()\"");
        if (length == 0)
            continue;
        *ret_parameter = (struct parameter){.name = *at, .length = (int)length, .optional = *optional};
        *at += length;
        return true;
    }
    return false;
}

static void put_function(FILE *out, const struct lua_name_info *info, const char *library)
{
    struct parameter each;
    bool optional = false;
    const char *const first = strchr(info->signature, '(') + 1;
    for (const char *at = first; next_parameter(&at, &optional, &each);)
        fprintf(out, "---@param %.*s%s any\n", each.length, each.name,
                each.optional && each.name[0] != '.' ? "?" : "");
    fprintf(out, "---@return any ...\nfunction %s%s%s(", library, *library != '\0' ? "." : "", info->name);
    for (const char *at = first, *between = ""; next_parameter(&at, &optional, &each); between = ", ")
        fprintf(out, "%s%.*s", between, each.length, each.name);
    fputs(") end\n\n", out);
}

static bool first_of_library(enum lua_name name, const struct policy *policy)
{
    for (unsigned i = 0; i < (unsigned)name; i++)
        if (policy->lua_allowed[i] && strcmp(lua_name_table[i].library, lua_name_table[name].library) == 0)
            return false;
    return true;
}

void editor_put_stubs(FILE *out, const struct policy *policy)
{
    fprintf(out, "---@meta\n-- The Lua environment of plugins under policy %s. Generated: do not edit.\n\n",
            policy->name);
    fputs("---What the caller sent, as a Lua value; nil for null.\n---@type any\ncontext = nil\n\n"
          "---What the run gives back if the chunk itself returns nothing.\n---@type any\nresult = nil\n\n",
          out);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        const struct lua_name_info *info = &lua_name_table[i];
        if (!policy->lua_allowed[i])
            continue;
        bool base = strcmp(info->library, "base") == 0;
        if (!base && first_of_library((enum lua_name)i, policy))
            fprintf(out, "---@class %slib\n%s = {}\n\n", info->library, info->library);
        fprintf(out, "---%s\n", info->doc);
        if (!is_function(info)) {
            fprintf(out, "%s%s%s = nil\n\n", base ? "" : info->library, base ? "" : ".", info->name);
            continue;
        }
        put_function(out, info, base ? "" : info->library);
    }
}

void editor_put_luacheckrc(FILE *out, const struct policy *policy)
{
    fprintf(out, "-- The globals of plugins under policy %s. Generated: do not edit.\n", policy->name);
    fputs("std = {\n  globals = { \"result\" },\n  read_globals = {\n    \"context\",\n", out);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        if (policy->lua_allowed[i] && strcmp(lua_name_table[i].library, "base") == 0)
            fprintf(out, "    \"%s\",\n", lua_name_table[i].name);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        const char *library = lua_name_table[i].library;
        if (!policy->lua_allowed[i] || strcmp(library, "base") == 0 ||
            !first_of_library((enum lua_name)i, policy))
            continue;
        fprintf(out, "    %s = { fields = {", library);
        for (unsigned j = i; j < LUA_NAME_COUNT; j++)
            if (policy->lua_allowed[j] && strcmp(lua_name_table[j].library, library) == 0)
                fprintf(out, " \"%s\",", lua_name_table[j].name);
        fputs(" } },\n", out);
    }
    // The stubs declare and define nothing.
    fputs("  },\n}\nexclude_files = { \"types\" }\n", out);
}

void editor_put_luarc(FILE *out, const struct policy *policy)
{
    static const char *const libraries[] = {"basic", "bit",  "bit32", "coroutine", "debug",  "ffi",   "io",
                                            "jit",   "math", "os",    "package",   "string", "table", "utf8"};
    (void)policy; // what it allows is in the stubs
    fputs("{\n  \"runtime.version\": \"Lua 5.4\",\n  \"runtime.builtin\": {\n", out);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        fprintf(out, "%s    \"%s\": \"disable\"", i > 0 ? ",\n" : "", libraries[i]);
    fputs("\n  }\n}\n", out);
}
