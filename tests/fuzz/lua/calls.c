// SPDX-License-Identifier: Apache-2.0
// Calls of the environment's functions, by the signatures in lua_names.def.
#include "tests/fuzz/lua/grammar.h"

#include <string.h>

// What to give for a parameter of that name; anything for one that is not here. Where a library calls
// something else the same, the row with its name comes first.
static const struct {
    const char *library; // NULL: of any
    const char *parameter;
    const char *symbol;
} parameters[] = {
    {"coroutine", "f", "body"},
    {"table", "f", "integer"},
    {"table", "e", "integer"},
    {"table", "t", "integer"},
    {"base", "e", "any"},
    {"json", "t", "table"},
    {"string", "n", "integer"},
    {NULL, "s", "string"},
    {NULL, "i", "integer"},
    {NULL, "j", "integer"},
    {NULL, "m", "integer"},
    {NULL, "n", "integer"},
    {NULL, "pos", "integer"},
    {NULL, "init", "integer"},
    {NULL, "level", "small"},
    {NULL, "base", "small"},
    {NULL, "plain", "boolean"},
    {NULL, "lax", "boolean"},
    {NULL, "pattern", "pattern"},
    {NULL, "repl", "replacement"},
    {NULL, "formatstring", "format"},
    {NULL, "format", "date"},
    {NULL, "fmt", "pack"},
    {NULL, "sep", "string"},
    {NULL, "text", "json"},
    {NULL, "name", "module"},
    {NULL, "x", "number"},
    {NULL, "y", "number"},
    {NULL, "t1", "number"},
    {NULL, "t2", "number"},
    {NULL, "time", "integer"},
    {NULL, "f", "function"},
    {NULL, "msgh", "function"},
    {NULL, "t", "table"},
    {NULL, "table", "table"},
    {NULL, "a1", "table"},
    {NULL, "a2", "table"},
    {NULL, "list", "list"},
    {NULL, "object", "table"},
    {NULL, "metatable", "metatable"},
    {NULL, "index", "key"},
    {NULL, "comp", "comparator"},
    {NULL, "co", "coroutine"},
    {NULL, "chunk", "chunk"},
    {NULL, "chunkname", "text"},
    {NULL, "mode", "load_mode"},
    {NULL, "env", "table"},
};

enum { WRONG_SHARE = 12, LAST_OPTIONAL_SHARE = 3, UNGUARDED_SHARE = 6, REST_MAX = 3 };

static const char *symbol_for(const char *library, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if ((parameters[i].library == NULL || strcmp(parameters[i].library, library) == 0) &&
            strlen(parameters[i].parameter) == length && memcmp(parameters[i].parameter, name, length) == 0)
            return parameters[i].symbol;
    return "any";
}

static bool is_function(const struct lua_name_info *info)
{
    return strchr(info->signature, '(') != NULL;
}

// A row that is allowed, and a function or not, of `library` unless that is NULL.
static const struct lua_name_info *pick_row(struct grammar *grammar, bool function, const char *library)
{
    const struct lua_name_info *picked = NULL;
    unsigned found = 0;
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        const struct lua_name_info *info = &lua_name_table[i];
        if (grammar->allowed[i] && is_function(info) == function &&
            (library == NULL || strcmp(info->library, library) == 0) && one_in(grammar->choices, ++found))
            picked = info;
    }
    return picked;
}

static void write_name(struct grammar *grammar, const struct lua_name_info *info)
{
    if (strcmp(info->library, "base") != 0)
        buffer_printf(grammar->out, "%s.", info->library);
    buffer_append_text(grammar->out, info->name);
}

static void write_argument(struct grammar *grammar, const struct lua_name_info *info, const char *name,
                           size_t length)
{
    if (*name == '"')
        buffer_append(grammar->out, name, length); // the one value that there is
    else if (one_in(grammar->choices, WRONG_SHARE))
        grammar_write(grammar, "any");
    else
        grammar_write(grammar, symbol_for(info->library, name, length));
}

// "(s, pattern [, init [, plain]])" without the first `skipped` parameters: those in brackets may be left
// out, and nothing follows one that was.
static void write_arguments(struct grammar *grammar, const struct lua_name_info *info, unsigned skipped)
{
    const char *at = strchr(info->signature, '(') + 1;
    bool optional = false, first = true;
    for (unsigned index = 0; *at != '\0' && *at != ')'; index++) {
        size_t between = strspn(at, " ,[");
        optional = optional || memchr(at, '[', between) != NULL;
        at += between;
        size_t length = strcspn(at, " ,[])");
        if (length == 0 || (optional && one_in(grammar->choices, LAST_OPTIONAL_SHARE)))
            break;
        bool rest = length == 3 && memcmp(at, "...", 3) == 0;
        unsigned count = rest ? choose(grammar->choices, REST_MAX + 1) : index >= skipped;
        for (; count > 0; count--, first = false) {
            buffer_append_text(grammar->out, first ? "" : ", ");
            write_argument(grammar, info, rest ? "v" : at, rest ? 1 : length);
        }
        at += length;
    }
}

static void write_call(struct grammar *grammar, const struct lua_name_info *info)
{
    bool guarded = !one_in(grammar->choices, UNGUARDED_SHARE);
    buffer_append_text(grammar->out, guarded ? "select(2, pcall(" : "");
    write_name(grammar, info);
    if (guarded) {
        size_t before = grammar->out->length;
        buffer_append_text(grammar->out, ", ");
        size_t start = grammar->out->length;
        write_arguments(grammar, info, 0);
        if (grammar->out->length == start)
            grammar->out->length = before; // a call without arguments
        buffer_append_text(grammar->out, "))");
    } else {
        buffer_append_text(grammar->out, "(");
        write_arguments(grammar, info, 0);
        buffer_append_text(grammar->out, ")");
    }
}

void grammar_write_call(struct grammar *grammar)
{
    const struct lua_name_info *info = pick_row(grammar, true, NULL);
    if (info != NULL)
        write_call(grammar, info);
    else
        buffer_append_text(grammar->out, "nil");
}

void grammar_write_method(struct grammar *grammar)
{
    const struct lua_name_info *info = pick_row(grammar, true, "string");
    if (info == NULL) {
        buffer_append_text(grammar->out, "nil");
        return;
    }
    buffer_append_text(grammar->out, "select(2, pcall(function(...) return (");
    grammar_write(grammar, "string");
    buffer_printf(grammar->out, "):%s(", info->name);
    write_arguments(grammar, info, 1);
    buffer_append_text(grammar->out, ") end))");
}

void grammar_write_function_name(struct grammar *grammar)
{
    const struct lua_name_info *info = pick_row(grammar, true, NULL);
    if (info != NULL)
        write_name(grammar, info);
    else
        buffer_append_text(grammar->out, "print");
}

void grammar_write_constant(struct grammar *grammar)
{
    const struct lua_name_info *info = pick_row(grammar, false, NULL);
    if (info != NULL)
        write_name(grammar, info);
    else
        buffer_append_text(grammar->out, "nil");
}
