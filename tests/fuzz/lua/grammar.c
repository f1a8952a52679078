// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/grammar.h"

#include "base/require.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 9, BUDGET = 240, VARIABLE_SHARE = 3 };

static const struct production {
    const char *symbol;
    unsigned weight;
    const char *text;
} productions[] = {
#define PRODUCTION(symbol, weight, text) {#symbol, weight, text},
#include "tests/fuzz/lua/productions.def"
#undef PRODUCTION
};

enum { PRODUCTION_COUNT = sizeof productions / sizeof *productions };

static bool is_leaf(const struct production *production)
{
    for (const char *at = strchr(production->text, '$'); at != NULL; at = strchr(at + 2, '$'))
        if (at[1] != '$')
            return false;
    return true;
}

void grammar_init(struct grammar *grammar, struct choices *choices, struct buffer *out,
                  const bool allowed[LUA_NAME_COUNT])
{
    memset(grammar, 0, sizeof *grammar);
    grammar->choices = choices;
    grammar->out = out;
    grammar->allowed = allowed;
    grammar->budget = BUDGET;
    for (unsigned i = 0; i < PRODUCTION_COUNT; i++) {
        unsigned last = grammar->symbol_count - 1;
        if (i == 0 || strcmp(productions[i].symbol, productions[i - 1].symbol) != 0) {
            require(grammar->symbol_count < SYMBOLS_MAX);
            last = grammar->symbol_count++;
            grammar->symbols[last].name = productions[i].symbol;
            grammar->symbols[last].first = (uint16_t)i;
        }
        grammar->symbols[last].count++;
        grammar->symbols[last].weight += (uint16_t)productions[i].weight;
        grammar->symbols[last].leaf_weight += is_leaf(&productions[i]) ? (uint16_t)productions[i].weight : 0;
    }
}

static symbol symbol_of(const struct grammar *grammar, const char *name, size_t length)
{
    for (unsigned i = 0; i < grammar->symbol_count; i++)
        if (strlen(grammar->symbols[i].name) == length && memcmp(grammar->symbols[i].name, name, length) == 0)
            return (symbol)i;
    fprintf(stderr, "productions.def has no %.*s\n", (int)length, name);
    require(!"a symbol of productions.def is known");
    return 0;
}

static bool is_named(const struct grammar *grammar, symbol kind, const char *name)
{
    return strcmp(grammar->symbols[kind].name, name) == 0;
}

// Whether a variable of `kind` may stand for `wanted`.
static bool fits(const struct grammar *grammar, symbol kind, symbol wanted)
{
    if (kind == wanted || is_named(grammar, wanted, "any"))
        return true;
    return (is_named(grammar, wanted, "number") && is_named(grammar, kind, "integer")) ||
           (is_named(grammar, wanted, "list") && is_named(grammar, kind, "table")) ||
           (is_named(grammar, wanted, "callable") && is_named(grammar, kind, "function")) ||
           (is_named(grammar, wanted, "body") && is_named(grammar, kind, "function"));
}

// One of those in sight that the question is about; NULL if there is none.
static const struct variable *pick_variable(struct grammar *grammar, symbol wanted, bool assignable)
{
    const struct variable *picked = NULL;
    unsigned found = 0;
    for (unsigned i = 0; i < grammar->variable_count; i++) {
        const struct variable *variable = &grammar->variables[i];
        bool suits = !variable->pending && !(assignable && variable->constant) &&
                     (assignable ? variable->kind == wanted : fits(grammar, variable->kind, wanted));
        if (suits && one_in(grammar->choices, ++found))
            picked = variable;
    }
    return picked;
}

static void declare(struct grammar *grammar, const char *kind, size_t length, bool constant, bool pending)
{
    char name[VARIABLE_NAME_SIZE];
    snprintf(name, sizeof name, "v%u", grammar->ids++);
    buffer_append_text(grammar->out, name);
    if (grammar->variable_count == VARIABLES_MAX)
        return;
    struct variable *variable = &grammar->variables[grammar->variable_count++];
    memcpy(variable->name, name, sizeof name);
    variable->kind = symbol_of(grammar, kind, length);
    variable->constant = constant;
    variable->pending = pending;
}

void grammar_add_variable(struct grammar *grammar, const char *name, size_t length)
{
    if (length >= VARIABLE_NAME_SIZE || grammar->variable_count == VARIABLES_MAX)
        return;
    struct variable *variable = &grammar->variables[grammar->variable_count++];
    *variable = (struct variable){.kind = symbol_of(grammar, "any", 3)};
    memcpy(variable->name, name, length);
}

static void expand(struct grammar *grammar, symbol wanted);

void grammar_write_statements(struct grammar *grammar, unsigned count)
{
    for (unsigned i = 0; i < count && grammar->budget > 0; i++) {
        grammar_write(grammar, "statement");
        buffer_append_byte(grammar->out, '\n');
    }
}

static void write_block(struct grammar *grammar)
{
    unsigned variables = grammar->variable_count;
    unsigned most = grammar->depth < DEPTH_MAX / 2 ? 4 : 2;
    buffer_append_byte(grammar->out, '\n');
    grammar_write_statements(grammar, choose(grammar->choices, most + 1));
    grammar->variable_count = variables;
}

static void write_list(struct grammar *grammar, bool fields)
{
    unsigned count = fields ? choose(grammar->choices, 5) : 1 + choose(grammar->choices, 3);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(grammar->out, ", ");
        if (fields && one_in(grammar->choices, 2)) {
            buffer_append_text(grammar->out, "[");
            grammar_write(grammar, "key");
            buffer_append_text(grammar->out, "] = ");
        }
        grammar_write(grammar, "any");
    }
}

static void write_assignable(struct grammar *grammar, symbol kind)
{
    const struct variable *variable = pick_variable(grammar, kind, true);
    if (variable != NULL)
        buffer_append_text(grammar->out, variable->name);
    else
        buffer_printf(grammar->out, "g%u", choose(grammar->choices, 4));
}

static void write_args(struct grammar *grammar)
{
    write_list(grammar, false);
}

static void write_fields(struct grammar *grammar)
{
    write_list(grammar, true);
}

static const struct {
    const char *name;
    void (*write)(struct grammar *grammar);
} specials[] = {
    {"block", write_block},
    {"args", write_args},
    {"fields", write_fields},
    {"call", grammar_write_call},
    {"method", grammar_write_method},
    {"callable_of_environment", grammar_write_function_name},
    {"constant", grammar_write_constant},
};

static bool begins(const char *text, size_t length, const char *with)
{
    return length > strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

// `id` is the production's last fresh number.
static void write_placeholder(struct grammar *grammar, const char *name, size_t length, bool local,
                              unsigned *id)
{
    if (length == 2 && memcmp(name, "id", 2) == 0) {
        *id = grammar->ids++;
        buffer_printf(grammar->out, "%u", *id);
        return;
    }
    if (length == 4 && memcmp(name, "same", 4) == 0) {
        buffer_printf(grammar->out, "%u", *id);
        return;
    }
    if (begins(name, length, "new_") || begins(name, length, "now_")) {
        declare(grammar, name + 4, length - 4, false, local && name[1] == 'e');
        return;
    }
    if (begins(name, length, "const_")) {
        declare(grammar, name + 6, length - 6, true, local);
        return;
    }
    if (begins(name, length, "set_")) {
        symbol kind = symbol_of(grammar, name + 4, length - 4);
        write_assignable(grammar, kind);
        return;
    }
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        if (strlen(specials[i].name) == length && memcmp(specials[i].name, name, length) == 0) {
            specials[i].write(grammar);
            return;
        }
    }
    expand(grammar, symbol_of(grammar, name, length));
}

static void write_production(struct grammar *grammar, const char *text, bool local)
{
    unsigned id = 0;
    while (*text != '\0') {
        size_t plain = strcspn(text, "$");
        buffer_append(grammar->out, text, plain);
        text += plain;
        if (text[0] == '$' && text[1] == '$') {
            buffer_append_byte(grammar->out, '$');
            text += 2;
        } else if (text[0] == '$') {
            size_t length = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_");
            write_placeholder(grammar, text + 1, length, local, &id);
            text += 1 + length;
        }
    }
}

static const struct production *pick_production(struct grammar *grammar, symbol wanted, bool leaf)
{
    unsigned first = grammar->symbols[wanted].first;
    unsigned weight = leaf ? grammar->symbols[wanted].leaf_weight : grammar->symbols[wanted].weight;
    leaf = leaf && weight > 0;
    unsigned at = choose(grammar->choices, weight > 0 ? weight : grammar->symbols[wanted].weight);
    for (unsigned i = first;; i++) {
        require(i < first + grammar->symbols[wanted].count);
        if (leaf && !is_leaf(&productions[i]))
            continue;
        if (at < productions[i].weight)
            return &productions[i];
        at -= productions[i].weight;
    }
}

static void expand(struct grammar *grammar, symbol wanted)
{
    if (!one_in(grammar->choices, VARIABLE_SHARE)) {
        const struct variable *variable = pick_variable(grammar, wanted, false);
        if (variable != NULL) {
            buffer_append_text(grammar->out, variable->name);
            return;
        }
    }
    bool local = is_named(grammar, wanted, "local"), transparent = local;
    transparent = transparent || is_named(grammar, wanted, "statement");
    bool leaf = grammar->depth >= DEPTH_MAX || grammar->budget == 0;
    const struct production *production = pick_production(grammar, wanted, leaf);
    unsigned variables = grammar->variable_count;
    grammar->budget -= grammar->budget > 0;
    grammar->depth++;
    write_production(grammar, production->text, local);
    grammar->depth--;
    // What a `local` declares stays, through the statement that is one, until its block ends.
    if (!transparent || (!local && strcmp(production->text, "$local") != 0))
        grammar->variable_count = variables;
    for (unsigned i = variables; local && i < grammar->variable_count; i++)
        grammar->variables[i].pending = false;
}

void grammar_write(struct grammar *grammar, const char *name)
{
    expand(grammar, symbol_of(grammar, name, strlen(name)));
}
