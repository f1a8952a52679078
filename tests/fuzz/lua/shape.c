// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/shape.h"

#include "base/require.h"
#include "tests/fuzz/lua/tokens.h"

enum { NESTING_MAX = 120 };

struct parser {
    struct shape *shape;
    struct token token;
    uint32_t last_to; // where the token before it ended
    unsigned nesting;
    bool failed;
};

static void add(struct parser *parser, enum span_kind kind, uint32_t from, uint32_t to)
{
    struct shape *shape = parser->shape;
    if (parser->failed || shape->count == SPANS_MAX || to <= from)
        return;
    shape->spans[shape->count++] = (struct span){kind, from, to};
    shape->counts[kind]++;
}

static void advance(struct parser *parser)
{
    parser->last_to = parser->token.to;
    parser->token = token_after(parser->shape->text, parser->token.to);
}

static bool is(const struct parser *parser, const char *text)
{
    struct token token = parser->token;
    return !parser->failed && token.kind != TOKEN_END && token.kind != TOKEN_STRING &&
           bytes_equal_text(bytes_of(parser->shape->text.data + token.from, token.to - token.from), text);
}

static bool accept(struct parser *parser, const char *text)
{
    bool found = is(parser, text);
    if (found)
        advance(parser);
    return found;
}

static void expect(struct parser *parser, const char *text)
{
    if (!accept(parser, text))
        parser->failed = true;
}

static bool is_one_of(const struct parser *parser, const char *const *texts)
{
    for (; *texts != NULL; texts++)
        if (is(parser, *texts))
            return true;
    return false;
}

static bool deeper(struct parser *parser)
{
    if (++parser->nesting > NESTING_MAX)
        parser->failed = true;
    return !parser->failed;
}

static void name(struct parser *parser, bool declared)
{
    if (parser->token.kind != TOKEN_NAME)
        parser->failed = true;
    if (declared)
        add(parser, SPAN_NAME, parser->token.from, parser->token.to);
    advance(parser);
}

static void block(struct parser *parser);
static void expression(struct parser *parser);

static void expressions(struct parser *parser)
{
    do
        expression(parser);
    while (accept(parser, ","));
}

static void function_body(struct parser *parser)
{
    expect(parser, "(");
    while (!parser->failed && !is(parser, ")")) {
        if (!accept(parser, "..."))
            name(parser, true);
        if (!accept(parser, ","))
            break;
    }
    expect(parser, ")");
    block(parser);
    expect(parser, "end");
}

static void constructor(struct parser *parser)
{
    expect(parser, "{");
    while (!parser->failed && !is(parser, "}")) {
        if (accept(parser, "[")) {
            expression(parser);
            expect(parser, "]");
            expect(parser, "=");
            expression(parser);
        } else {
            expression(parser);
            if (accept(parser, "=")) // the name of a field
                expression(parser);
        }
        if (!accept(parser, ",") && !accept(parser, ";"))
            break;
    }
    expect(parser, "}");
}

static bool arguments(struct parser *parser)
{
    if (parser->token.kind == TOKEN_STRING) {
        advance(parser);
    } else if (is(parser, "{")) {
        constructor(parser);
    } else if (accept(parser, "(")) {
        if (!is(parser, ")"))
            expressions(parser);
        expect(parser, ")");
    } else {
        return false;
    }
    return true;
}

// A variable, a field, a call, something in parentheses.
static void suffixed(struct parser *parser)
{
    if (accept(parser, "(")) {
        expression(parser);
        expect(parser, ")");
    } else {
        name(parser, false);
    }
    for (;;) {
        if (parser->failed) {
            return;
        } else if (accept(parser, ".")) {
            name(parser, false);
        } else if (accept(parser, ":")) {
            name(parser, false);
            if (!arguments(parser))
                parser->failed = true;
        } else if (accept(parser, "[")) {
            expression(parser);
            expect(parser, "]");
        } else if (!arguments(parser)) {
            return;
        }
    }
}

static void operand(struct parser *parser)
{
    static const char *const unary[] = {"-", "#", "~", "not", NULL};
    static const char *const values[] = {"nil", "true", "false", "...", NULL};
    while (is_one_of(parser, unary))
        advance(parser);
    uint32_t from = parser->token.from;
    if (parser->token.kind == TOKEN_NUMBER || parser->token.kind == TOKEN_STRING || is_one_of(parser, values))
        advance(parser);
    else if (accept(parser, "function"))
        function_body(parser);
    else if (is(parser, "{"))
        constructor(parser);
    else
        suffixed(parser);
    add(parser, SPAN_EXPRESSION, from, parser->last_to);
}

static void expression(struct parser *parser)
{
    static const char *const binary[] = {"+", "-",  "*",  "/", "//", "%", "^",  "..", "==",  "~=", "<",
                                         ">", "<=", ">=", "&", "|",  "~", "<<", ">>", "and", "or", NULL};
    if (!deeper(parser))
        return;
    uint32_t from = parser->token.from;
    operand(parser);
    bool several = false;
    while (is_one_of(parser, binary)) {
        advance(parser);
        operand(parser);
        several = true;
    }
    if (several)
        add(parser, SPAN_EXPRESSION, from, parser->last_to);
    parser->nesting--;
}

static void local_statement(struct parser *parser)
{
    if (accept(parser, "function")) {
        name(parser, true);
        function_body(parser);
        return;
    }
    do {
        name(parser, true);
        if (accept(parser, "<")) {
            name(parser, false);
            expect(parser, ">");
        }
    } while (accept(parser, ","));
    if (accept(parser, "="))
        expressions(parser);
}

static void for_statement(struct parser *parser)
{
    do
        name(parser, true);
    while (accept(parser, ","));
    if (!accept(parser, "="))
        expect(parser, "in");
    expressions(parser);
    expect(parser, "do");
    block(parser);
    expect(parser, "end");
}

static void if_statement(struct parser *parser)
{
    do {
        expression(parser);
        expect(parser, "then");
        block(parser);
    } while (accept(parser, "elseif"));
    if (accept(parser, "else"))
        block(parser);
    expect(parser, "end");
}

static void function_statement(struct parser *parser)
{
    do
        name(parser, false);
    while (accept(parser, ".") || accept(parser, ":"));
    function_body(parser);
}

static void while_statement(struct parser *parser)
{
    expression(parser);
    expect(parser, "do");
    block(parser);
    expect(parser, "end");
}

static void do_statement(struct parser *parser)
{
    block(parser);
    expect(parser, "end");
}

static void repeat_statement(struct parser *parser)
{
    block(parser);
    expect(parser, "until");
    expression(parser);
}

static void goto_statement(struct parser *parser)
{
    name(parser, false);
}

static void label_statement(struct parser *parser)
{
    name(parser, false);
    expect(parser, "::");
}

static void nothing_more(struct parser *parser)
{
    (void)parser;
}

static const char *const block_ends[] = {"end", "else", "elseif", "until", NULL};

static void return_statement(struct parser *parser)
{
    if (parser->token.kind != TOKEN_END && !is(parser, ";") && !is_one_of(parser, block_ends))
        expressions(parser);
    accept(parser, ";");
}

static const struct {
    const char *first;
    void (*rest)(struct parser *parser);
} statements[] = {
    {"local", local_statement},   {"if", if_statement},
    {"for", for_statement},       {"while", while_statement},
    {"do", do_statement},         {"repeat", repeat_statement},
    {"goto", goto_statement},     {"function", function_statement},
    {"return", return_statement}, {"::", label_statement},
    {"break", nothing_more},      {";", nothing_more},
};

static void statement(struct parser *parser)
{
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (accept(parser, statements[i].first)) {
            statements[i].rest(parser);
            return;
        }
    }
    do
        suffixed(parser);
    while (accept(parser, ","));
    if (accept(parser, "="))
        expressions(parser);
}

static void block(struct parser *parser)
{
    if (!deeper(parser))
        return;
    while (!parser->failed && parser->token.kind != TOKEN_END && !is_one_of(parser, block_ends)) {
        uint32_t from = parser->token.from;
        statement(parser);
        add(parser, SPAN_STATEMENT, from, parser->last_to);
    }
    parser->nesting--;
}

void shape_read(struct shape *shape, struct bytes text)
{
    shape->text = text;
    shape->count = 0;
    memset(shape->counts, 0, sizeof shape->counts);
    struct parser parser = {.shape = shape, .token = token_after(text, 0)};
    block(&parser);
}

const struct span *shape_span(const struct shape *shape, enum span_kind kind, unsigned index)
{
    for (unsigned i = 0; i < shape->count; i++)
        if (shape->spans[i].kind == kind && index-- == 0)
            return &shape->spans[i];
    require(!"a span of that index is there");
    return NULL;
}
