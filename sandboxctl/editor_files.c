// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/editor_files.h"

#include <string.h>

static bool is_function(const struct lua_name_info *info)
{
    return strchr(info->signature, '(') != NULL;
}

// "string.rep(s, n [, sep])" gives the parameters "s, n, sep".
static void put_parameters(FILE *out, const char *signature)
{
    const char *at = strchr(signature, '(') + 1;
    const char *end = strrchr(signature, ')');
    bool quoted = false;
    for (; at < end; at++) {
        quoted = quoted != (*at == '"');
        if (quoted || *at == '"')
            continue;
        if (strchr("[]", *at) == NULL && !(*at == ' ' && at[1] == '['))
            fputc(*at, out);
    }
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
    fputs("---What the caller sent, as a Lua value; nil for null.\n---@type any\ncontext = nil\n\n", out);
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
        fprintf(out, "function %s%s%s(", base ? "" : info->library, base ? "" : ".", info->name);
        put_parameters(out, info->signature);
        fputs(") end\n\n", out);
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
    fputs("  },\n}\n", out);
}
