// SPDX-License-Identifier: Apache-2.0
#include "policies/document_tree.h"

#include "base/cleanup.h"
#include "base/json_cursor.h"
#include "policies/quote.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 16 * 1024, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(ALIGNMENT) char data[];
};

struct parse {
    const char *file;
    struct diagnostics *diagnostics;
    struct document_tree tree;
    struct json_cursor cursor;
    size_t values;
    // Lines are counted on the way, since tokens come in the order of the text.
    size_t counted;
    struct place here;
};

static void *arena_take(struct document_tree *tree, size_t size)
{
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!tree->blocks || tree->blocks->size - tree->blocks->used < size) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        struct arena_block *block = malloc(sizeof *block + room);
        if (!block)
            return NULL;
        *block = (struct arena_block){.next = tree->blocks, .size = room};
        tree->blocks = block;
    }
    void *taken = tree->blocks->data + tree->blocks->used;
    tree->blocks->used += size;
    return taken;
}

void document_tree_free(struct document_tree *tree)
{
    while (tree->blocks) {
        struct arena_block *block = tree->blocks;
        tree->blocks = block->next;
        free(block);
    }
    tree->root = NULL;
}

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_OBJECT] = "an object",
        [NODE_ARRAY] = "an array",
        [NODE_STRING] = "a string",
        [NODE_INTEGER] = "a number",
        [NODE_FLOAT] = "a number with a fraction or an exponent",
        [NODE_BOOLEAN] = "true or false",
        [NODE_NULL] = "null",
    };
    return names[kind];
}

char *pointer_member(const char *pointer, struct bytes name)
{
    size_t length = strlen(pointer);
    char *joined = malloc(length + 2 * name.length + 2);
    if (!joined)
        return NULL;
    memcpy(joined, pointer, length);
    char *to = joined + length;
    *to++ = '/';
    for (size_t i = 0; i < name.length; i++) {
        char letter = name.data[i];
        // No name of ours holds a control character, and pointers are shown on terminals.
        if ((unsigned char)letter < 0x20 || letter == 0x7F)
            letter = '?';
        if (letter == '~' || letter == '/') {
            *to++ = '~';
            letter = letter == '~' ? '0' : '1';
        }
        *to++ = letter;
    }
    *to = '\0';
    return joined;
}

char *pointer_item(const char *pointer, size_t index)
{
    char *joined;
    return asprintf(&joined, "%s/%zu", pointer, index) < 0 ? NULL : joined;
}

static struct place place_of(struct parse *parse, size_t offset)
{
    for (; parse->counted < offset; parse->counted++) {
        if (parse->cursor.text[parse->counted] == '\n') {
            parse->here.line++;
            parse->here.column = 1;
        } else {
            parse->here.column++;
        }
    }
    return parse->here;
}

static bool out_of_memory(struct parse *parse)
{
    diagnostics_exhaust(parse->diagnostics, parse->file);
    return false;
}

static bool syntax_fault(struct parse *parse)
{
    const struct json_fault *fault = &parse->cursor.fault;
    diagnostics_add(parse->diagnostics, parse->file, fault->line, fault->column, "", "not valid JSON: %s",
                    fault->what);
    return false;
}

static bool take_text(struct parse *parse, struct bytes *ret_text)
{
    struct bytes span = parse->cursor.span;
    if (!parse->cursor.has_escapes) {
        *ret_text = span;
        return true;
    }
    char *text = arena_take(&parse->tree, span.length);
    if (!text)
        return out_of_memory(parse);
    *ret_text = bytes_of(text, json_unescape(span, text));
    return true;
}

// Where the token that was just read begins.
static size_t token_offset(const struct json_cursor *cursor, enum json_token token)
{
    switch (token) {
    case JSON_NAME:
    case JSON_STRING:
        return (size_t)(cursor->span.data - cursor->text) - 1;
    case JSON_INTEGER:
    case JSON_FLOAT:
        return (size_t)(cursor->span.data - cursor->text);
    case JSON_TRUE:
    case JSON_NULL:
        return cursor->offset - 4;
    case JSON_FALSE:
        return cursor->offset - 5;
    default:
        return cursor->offset - 1;
    }
}

static bool fill_value(struct parse *parse, enum json_token token, struct node *node)
{
    switch (token) {
    case JSON_OBJECT_BEGIN:
        node->kind = NODE_OBJECT;
        return true;
    case JSON_ARRAY_BEGIN:
        node->kind = NODE_ARRAY;
        return true;
    case JSON_STRING:
        node->kind = NODE_STRING;
        return take_text(parse, &node->text);
    case JSON_INTEGER:
        node->kind = NODE_INTEGER;
        node->integer = parse->cursor.integer;
        node->text = parse->cursor.span;
        return true;
    case JSON_FLOAT:
        node->kind = NODE_FLOAT;
        node->text = parse->cursor.span;
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        node->kind = NODE_BOOLEAN;
        node->boolean = token == JSON_TRUE;
        return true;
    default:
        node->kind = NODE_NULL;
        return true;
    }
}

static struct node *new_node(struct parse *parse)
{
    if (++parse->values > DOCUMENT_VALUES_MAX) {
        diagnostics_add(parse->diagnostics, parse->file, 0, 0, "",
                        "more than %d values: expected a document that a person wrote", DOCUMENT_VALUES_MAX);
        return NULL;
    }
    struct node *node = arena_take(&parse->tree, sizeof *node);
    if (!node) {
        out_of_memory(parse);
        return NULL;
    }
    *node = (struct node){0};
    return node;
}

// One open object or array while its content is read.
struct level {
    struct node *node;
    struct node *last;
    char *pointer; // owned
};

static const struct node *member_named(const struct level *level, struct bytes name)
{
    for (const struct node *node = level->node->first; node; node = node->next)
        if (bytes_equal(node->name, name))
            return node;
    return NULL;
}

// Reads a name and checks that it is new. A repeated one is reported; its value is read and left out.
static bool take_name(struct parse *parse, const struct level *level, struct bytes *ret_name,
                      struct place *ret_at, bool *ret_repeated)
{
    struct bytes name;
    struct place at = place_of(parse, token_offset(&parse->cursor, JSON_NAME));
    if (!take_text(parse, &name))
        return false;
    const struct node *earlier = member_named(level, name);
    if (earlier) {
        char quoted[QUOTE_SIZE];
        autofree char *pointer = pointer_member(level->pointer, name);
        diagnostics_add(parse->diagnostics, parse->file, at.line, at.column, pointer ? pointer : "",
                        "%s stands here twice; the first is in line %u. Keep one of them",
                        quote(name, quoted), earlier->name_at.line);
    }
    *ret_name = name;
    *ret_at = at;
    *ret_repeated = earlier != NULL;
    return true;
}

static bool open_level(struct parse *parse, struct level *levels, unsigned depth, struct node *node)
{
    const struct level *outer = depth > 0 ? &levels[depth - 1] : NULL;
    char *pointer;
    if (!outer) {
        pointer = strdup("");
    } else if (outer->node->kind == NODE_OBJECT) {
        pointer = pointer_member(outer->pointer, node->name);
    } else {
        size_t index = 0;
        for (const struct node *item = outer->node->first; item && item != node; item = item->next)
            index++;
        pointer = pointer_item(outer->pointer, index);
    }
    if (!pointer)
        return out_of_memory(parse);
    levels[depth] = (struct level){.node = node, .pointer = pointer};
    return true;
}

static void attach(struct level *level, struct node *node)
{
    if (level->last)
        level->last->next = node;
    else
        level->node->first = node;
    level->last = node;
}

static bool read_values(struct parse *parse, struct level *levels, unsigned *depth)
{
    struct bytes name = {0};
    struct place name_at = {0};
    bool repeated = false;
    for (;;) {
        enum json_token token = json_next(&parse->cursor);
        if (token == JSON_FAULT)
            return syntax_fault(parse);
        if (token == JSON_END)
            return true;
        if (token == JSON_OBJECT_END || token == JSON_ARRAY_END) {
            free(levels[--*depth].pointer);
            continue;
        }
        if (token == JSON_NAME) {
            if (!take_name(parse, &levels[*depth - 1], &name, &name_at, &repeated))
                return false;
            continue;
        }
        struct node *node = new_node(parse);
        if (!node)
            return false;
        node->at = place_of(parse, token_offset(&parse->cursor, token));
        if (!fill_value(parse, token, node))
            return false;
        if (*depth == 0) {
            parse->tree.root = node;
        } else {
            if (levels[*depth - 1].node->kind == NODE_OBJECT) {
                node->name = name;
                node->name_at = name_at;
            }
            if (!repeated)
                attach(&levels[*depth - 1], node);
            repeated = false;
        }
        if (node->kind == NODE_OBJECT || node->kind == NODE_ARRAY) {
            if (!open_level(parse, levels, *depth, node))
                return false;
            ++*depth;
        }
    }
}

bool document_tree_parse(const char *file, struct bytes text, struct diagnostics *diagnostics,
                         struct document_tree *ret_tree)
{
    if (text.length > DOCUMENT_BYTES_MAX) {
        diagnostics_add(diagnostics, file, 0, 0, "", "%zu bytes is too large: a document has at most %d",
                        text.length, DOCUMENT_BYTES_MAX);
        return false;
    }
    if (text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) {
        diagnostics_add(diagnostics, file, 1, 1, "",
                        "begins with a byte order mark: save it as UTF-8 without one");
        return false;
    }
    struct parse parse = {.file = file, .diagnostics = diagnostics, .here = {1, 1}};
    struct level levels[DOCUMENT_DEPTH_MAX + 1];
    unsigned depth = 0;
    json_cursor_init(&parse.cursor, text, DOCUMENT_DEPTH_MAX);
    bool read = read_values(&parse, levels, &depth);
    while (depth > 0)
        free(levels[--depth].pointer);
    if (!read) {
        document_tree_free(&parse.tree);
        return false;
    }
    *ret_tree = parse.tree;
    return true;
}
