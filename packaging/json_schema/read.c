// SPDX-License-Identifier: Apache-2.0
// Schemas within schemas are put on a list and filled one after the other: however deep a document is, the
// reader's stack is not, and a $ref may point anywhere, at what is filled later or at itself.
#include "base/cleanup.h"
#include "packaging/json_schema/schema_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void schema_fault(struct schema_reader *reader, const struct node *at, const char *pointer,
                  const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reader->failed = true;
    if (++reader->fault_count > SCHEMA_FAULTS_MAX) {
        diagnostics_lose(reader->diagnostics);
        return;
    }
    diagnostics_add(reader->diagnostics, reader->file, at->at.line, at->at.column, pointer, "%s", text);
}

void schema_exhaust(struct schema_reader *reader)
{
    reader->failed = true;
    diagnostics_exhaust(reader->diagnostics, reader->file);
}

struct schema_node *schema_node_of(struct schema_reader *reader, const struct node *from, const char *pointer)
{
    if (reader->too_large)
        return NULL;
    for (struct schema_node *known = reader->schema->nodes; known; known = known->next)
        if (known->from == from)
            return known;
    size_t length = strlen(pointer);
    if (reader->pointer_bytes + length > SCHEMA_POINTERS_MAX) {
        reader->too_large = true;
        schema_fault(reader, from, pointer,
                     "expected shorter names or fewer schemas: their places take more than %d bytes together",
                     SCHEMA_POINTERS_MAX);
        return NULL;
    }
    reader->pointer_bytes += length;
    struct schema_node *made = calloc(1, sizeof *made);
    char *owned = made ? strdup(pointer) : NULL;
    if (!owned) {
        free(made);
        schema_exhaust(reader);
        return NULL;
    }
    made->from = from;
    made->pointer = owned;
    made->length.maximum = made->items_count.maximum = made->properties_count.maximum = UINT64_MAX;
    *reader->last = made;
    reader->last = &made->next;
    return made;
}

// The name between two slashes of a pointer, against a member's: "~1" stands for '/', "~0" for '~'.
static bool part_is(struct bytes part, struct bytes name)
{
    size_t at = 0;
    for (size_t i = 0; i < part.length; i++, at++) {
        char letter = part.data[i];
        if (letter == '~' && i + 1 < part.length)
            letter = part.data[++i] == '1' ? '/' : '~';
        if (at >= name.length || name.data[at] != letter)
            return false;
    }
    return at == name.length;
}

const struct node *schema_find_target(const struct node *document, struct bytes rest)
{
    const struct node *found = document;
    while (found && rest.length > 0) {
        const char *slash = memchr(rest.data + 1, '/', rest.length - 1);
        size_t length = slash ? (size_t)(slash - rest.data) : rest.length;
        struct bytes part = bytes_of(rest.data + 1, length - 1);
        const struct node *inner = found->kind == NODE_OBJECT ? found->first : NULL;
        while (inner && !part_is(part, inner->name))
            inner = inner->next;
        found = inner;
        rest = bytes_of(rest.data + length, rest.length - length);
    }
    return found;
}

static void fill(struct schema_reader *reader, struct schema_node *schema)
{
    switch (schema->from->kind) {
    case NODE_OBJECT:
        schema_read_keywords(reader, schema);
        break;
    case NODE_BOOLEAN:
        schema->never = !schema->from->boolean;
        break;
    default:
        schema_fault(reader, schema->from, schema->pointer,
                     "expected a schema: an object, true or false, not %s",
                     node_kind_name(schema->from->kind));
    }
}

// Makes every `is` lead to the end of its chain at once. A chain that comes back to itself says nothing.
static void shorten_chains(struct schema_reader *reader)
{
    for (struct schema_node *node = reader->schema->nodes; node; node = node->next) {
        const struct schema_node *end = node, *slow = node;
        bool slow_moves = false;
        while (end->is) {
            end = end->is;
            slow = slow_moves ? slow->is : slow;
            slow_moves = !slow_moves;
            if (end == slow) {
                schema_fault(reader, node->from, node->pointer, "$ref leads back to itself");
                return;
            }
        }
        node->is = end == node ? NULL : end;
    }
}

static const struct schema_node *end_of(const struct schema_node *node)
{
    return node && node->is ? node->is : node;
}

static void resolve(struct json_schema *schema)
{
    for (struct schema_node *node = schema->nodes; node; node = node->next) {
        node->additional = end_of(node->additional);
        for (size_t i = 0; i < node->property_count; i++) {
            struct schema_property *property = &node->properties[i];
            property->value = property->only_required ? node->additional : end_of(property->value);
        }
        node->items = end_of(node->items);
    }
    schema->root = end_of(schema->nodes);
}

// Only faults name a node's place. They may be long, and a schema is kept for as long as its plugin is used.
static void forget_places(struct json_schema *schema)
{
    for (struct schema_node *node = schema->nodes; node; node = node->next) {
        free(node->pointer);
        node->pointer = NULL;
        node->from = NULL;
    }
}

struct json_schema *json_schema_read(const struct node *node, const char *file, const char *pointer,
                                     struct diagnostics *diagnostics)
{
    struct json_schema *schema = calloc(1, sizeof *schema);
    if (!schema) {
        diagnostics_exhaust(diagnostics, file);
        return NULL;
    }
    struct schema_reader reader = {.schema = schema,
                                   .last = &schema->nodes,
                                   .document = node,
                                   .file = file,
                                   .root_pointer = pointer,
                                   .diagnostics = diagnostics};
    schema_node_of(&reader, node, pointer);
    for (struct schema_node *each = schema->nodes; each && !reader.too_large; each = each->next)
        fill(&reader, each);
    if (!reader.failed)
        shorten_chains(&reader);
    if (reader.failed) {
        json_schema_free(schema);
        return NULL;
    }
    resolve(schema);
    forget_places(schema);
    return schema;
}

void json_schema_free(struct json_schema *schema)
{
    if (!schema)
        return;
    while (schema->nodes) {
        struct schema_node *node = schema->nodes;
        schema->nodes = node->next;
        for (size_t i = 0; i < node->enum_count; i++)
            free((char *)node->enums[i].text.data);
        for (size_t i = 0; i < node->property_count; i++)
            free((char *)node->properties[i].name.data);
        free((char *)node->pattern_text.data);
        pattern_free(node->pattern);
        free(node->enums);
        free(node->properties);
        free(node->pointer);
        free(node);
    }
    free(schema);
}
