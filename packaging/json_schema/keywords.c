// SPDX-License-Identifier: Apache-2.0
// One row for every keyword that a schema may use.
#include "base/cleanup.h"
#include "base/closest.h"
#include "packaging/json_schema/schema_node.h"
#include "policies/quote.h"

#include <stdio.h>
#include <stdlib.h>

struct keyword {
    const char *name;
    void (*take)(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                 const char *pointer, size_t offset); // NULL: for people, not checked
    size_t offset;                                    // of what it sets in a schema_node
};

static const struct {
    const char *name;
    enum schema_type type;
} type_names[] = {{"null", SCHEMA_NULL},      {"boolean", SCHEMA_BOOLEAN}, {"object", SCHEMA_OBJECT},
                  {"array", SCHEMA_ARRAY},    {"string", SCHEMA_STRING},   {"number", SCHEMA_NUMBER},
                  {"integer", SCHEMA_INTEGER}};

static void take_type(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                      const char *pointer, size_t offset)
{
    (void)offset;
    const struct node *item = value->kind == NODE_ARRAY ? value->first : value;
    if (!item)
        schema_fault(reader, value, pointer, "expected at least one type");
    for (; item; item = value->kind == NODE_ARRAY ? item->next : NULL) {
        unsigned type = 0;
        for (size_t i = 0; item->kind == NODE_STRING && i < sizeof type_names / sizeof *type_names; i++)
            if (bytes_equal_text(item->text, type_names[i].name))
                type = type_names[i].type;
        if (type == 0)
            schema_fault(reader, item, pointer,
                         "expected null, boolean, object, array, string, number or integer");
        schema->types |= type;
    }
}

static bool copy_text(struct bytes text, struct bytes *ret_copy)
{
    char *copy = malloc(text.length + 1);
    if (!copy)
        return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    *ret_copy = bytes_of(copy, text.length);
    return true;
}

static bool scalar_of(const struct node *value, struct schema_scalar *ret_scalar)
{
    *ret_scalar = (struct schema_scalar){0};
    switch (value->kind) {
    case NODE_NULL:
        ret_scalar->type = SCHEMA_NULL;
        return true;
    case NODE_BOOLEAN:
        ret_scalar->type = SCHEMA_BOOLEAN;
        ret_scalar->boolean = value->boolean;
        return true;
    case NODE_STRING:
        ret_scalar->type = SCHEMA_STRING;
        return copy_text(value->text, &ret_scalar->text);
    case NODE_INTEGER:
    case NODE_FLOAT:
        ret_scalar->type = SCHEMA_NUMBER;
        ret_scalar->number = schema_number_of(value->kind == NODE_INTEGER, value->integer, value->text);
        return true;
    default:
        return false;
    }
}

static int compare_scalars(const void *left, const void *right)
{
    return schema_scalar_compare(left, right);
}

// `first` and those after it, or with `one` it alone.
static void take_scalars(struct schema_reader *reader, struct schema_node *schema, const struct node *first,
                         bool one, const char *pointer)
{
    size_t count = 0;
    for (const struct node *each = first; each; each = one ? NULL : each->next)
        count++;
    if (count == 0 || count > SCHEMA_ENUM_MAX || schema->enums) {
        schema_fault(reader, first ? first : schema->from, pointer,
                     schema->enums ? "enum and const exclude each other" : "expected 1 to %d values",
                     SCHEMA_ENUM_MAX);
        return;
    }
    schema->enums = calloc(count, sizeof *schema->enums);
    for (const struct node *each = first; schema->enums && each; each = one ? NULL : each->next) {
        struct schema_scalar *scalar = &schema->enums[schema->enum_count];
        if (!scalar_of(each, scalar) && scalar->type == SCHEMA_STRING) {
            schema_exhaust(reader);
            return;
        }
        if (scalar->type == 0) {
            schema_fault(reader, each, pointer, "expected a text, a number, true, false or null, not %s",
                         node_kind_name(each->kind));
            return;
        }
        schema->enum_count++;
    }
    if (schema->enums)
        qsort(schema->enums, schema->enum_count, sizeof *schema->enums, compare_scalars);
    else
        schema_exhaust(reader);
}

static void take_enum(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                      const char *pointer, size_t offset)
{
    (void)offset;
    if (value->kind != NODE_ARRAY)
        schema_fault(reader, value, pointer, "expected an array of values");
    else
        take_scalars(reader, schema, value->first, false, pointer);
}

static void take_const(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                       const char *pointer, size_t offset)
{
    (void)offset;
    take_scalars(reader, schema, value, true, pointer);
}

static int compare_properties(const void *left_, const void *right_)
{
    const struct schema_property *left = left_, *right = right_;
    if (left->name.length != right->name.length)
        return left->name.length < right->name.length ? -1 : 1;
    return memcmp(left->name.data, right->name.data, left->name.length);
}

// Makes room for one more property, and takes a copy of its name.
static struct schema_property *add_property(struct schema_reader *reader, struct schema_node *schema,
                                            const struct node *at, struct bytes name)
{
    char quoted[QUOTE_SIZE];
    if (name.length > SCHEMA_NAME_MAX) {
        schema_fault(reader, at, schema->pointer, "expected names of at most %d bytes, not %s",
                     SCHEMA_NAME_MAX, quote(name, quoted));
        return NULL;
    }
    struct schema_property *grown =
        reallocarray(schema->properties, schema->property_count + 1, sizeof *grown);
    if (grown)
        schema->properties = grown;
    struct bytes copy;
    if (!grown || !copy_text(name, &copy)) {
        schema_exhaust(reader);
        return NULL;
    }
    struct schema_property *property = &grown[schema->property_count++];
    *property = (struct schema_property){.name = copy, .required = -1};
    return property;
}

static void take_properties(struct schema_reader *reader, struct schema_node *schema,
                            const struct node *value, const char *pointer, size_t offset)
{
    (void)offset;
    if (value->kind != NODE_OBJECT)
        schema_fault(reader, value, pointer, "expected an object of schemas");
    for (const struct node *each = value->kind == NODE_OBJECT ? value->first : NULL; each;
         each = each->next) {
        autofree char *inner = pointer_member(pointer, each->name);
        struct schema_property *property = add_property(reader, schema, each, each->name);
        if (property && inner)
            property->value = schema_node_of(reader, each, inner);
    }
    if (schema->property_count > 0)
        qsort(schema->properties, schema->property_count, sizeof *schema->properties, compare_properties);
}

static void take_required(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                          const char *pointer, size_t offset)
{
    (void)offset;
    if (value->kind != NODE_ARRAY)
        schema_fault(reader, value, pointer, "expected an array of names");
    int bit = 0;
    for (const struct node *each = value->kind == NODE_ARRAY ? value->first : NULL; each; each = each->next) {
        if (each->kind != NODE_STRING || bit == SCHEMA_REQUIRED_MAX) {
            schema_fault(reader, each, pointer, "expected at most %d names", SCHEMA_REQUIRED_MAX);
            return;
        }
        struct schema_property *property = (struct schema_property *)schema_property_find(schema, each->text);
        if (!property) {
            // Only required: any value will do, but what `additionalProperties` says holds for it.
            property = add_property(reader, schema, each, each->text);
            if (!property)
                return;
            property->only_required = true;
        }
        if (property->required < 0) {
            property->required = bit;
            schema->required |= UINT64_C(1) << bit++;
        }
        qsort(schema->properties, schema->property_count, sizeof *schema->properties, compare_properties);
    }
}

// Where the keyword's row says that its value goes.
static void *place_of(struct schema_node *schema, size_t offset)
{
    return (char *)schema + offset;
}

static void take_schema(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                        const char *pointer, size_t offset)
{
    *(const struct schema_node **)place_of(schema, offset) = schema_node_of(reader, value, pointer);
}

static void take_number(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                        const char *pointer, size_t offset)
{
    if (value->kind != NODE_INTEGER && value->kind != NODE_FLOAT)
        schema_fault(reader, value, pointer, "expected a number");
    else
        *(struct schema_number *)place_of(schema, offset) =
            schema_number_of(value->kind == NODE_INTEGER, value->integer, value->text);
}

static void take_count(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                       const char *pointer, size_t offset)
{
    if (value->kind != NODE_INTEGER || value->integer < 0)
        schema_fault(reader, value, pointer, "expected a whole number from 0");
    else
        *(uint64_t *)place_of(schema, offset) = (uint64_t)value->integer;
}

static void take_pattern(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                         const char *pointer, size_t offset)
{
    (void)offset;
    struct error err = {.text = "expected a text"};
    if (++reader->pattern_count > SCHEMA_PATTERNS_MAX) {
        schema_fault(reader, value, pointer, "more than %d patterns", SCHEMA_PATTERNS_MAX);
        return;
    }
    if (value->kind == NODE_STRING)
        schema->pattern = pattern_read(value->text, &err);
    if (!schema->pattern && err.kind == ERROR_MEMORY)
        schema_exhaust(reader);
    else if (!schema->pattern)
        schema_fault(reader, value, pointer, "no regular expression that is supported: %s", err.text);
    else if (!copy_text(value->text, &schema->pattern_text))
        schema_exhaust(reader);
}

static void take_ref(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                     const char *pointer, size_t offset)
{
    (void)offset;
    char quoted[QUOTE_SIZE];
    struct bytes text = value->kind == NODE_STRING ? value->text : bytes_of_text("");
    bool local = text.length > 0 && text.data[0] == '#' && (text.length == 1 || text.data[1] == '/');
    struct bytes rest = local ? bytes_of(text.data + 1, text.length - 1) : bytes_of_text("");
    const struct node *target = local ? schema_find_target(reader->document, rest) : NULL;
    if (!target) {
        schema_fault(reader, value, pointer,
                     local ? "%s: there is nothing in this schema"
                           : "%s: expected a place in this schema, such as \"#/$defs/item\"",
                     quote(text, quoted));
        return;
    }
    autofree char *at = NULL;
    if (asprintf(&at, "%s%.*s", reader->root_pointer, (int)rest.length, rest.data) < 0)
        at = NULL;
    if (at)
        schema->is = schema_node_of(reader, target, at);
}

static void take_dialect(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                         const char *pointer, size_t offset)
{
    (void)schema;
    (void)offset;
    static const char dialect[] = "https://json-schema.org/draft/2020-12/schema";
    if (value->kind != NODE_STRING || !bytes_equal_text(value->text, dialect))
        schema_fault(reader, value, pointer, "expected \"%s\"", dialect);
}

#define FIELD(member) offsetof(struct schema_node, member)

// `required` after `properties`. Those without a taker are for people.
static const struct keyword keywords[] = {
    {"$ref", take_ref, 0},
    {"$schema", take_dialect, 0},
    {"type", take_type, 0},
    {"enum", take_enum, 0},
    {"const", take_const, 0},
    {"properties", take_properties, 0},
    {"required", take_required, 0},
    {"additionalProperties", take_schema, FIELD(additional)},
    {"items", take_schema, FIELD(items)},
    {"minProperties", take_count, FIELD(properties_count.minimum)},
    {"maxProperties", take_count, FIELD(properties_count.maximum)},
    {"minItems", take_count, FIELD(items_count.minimum)},
    {"maxItems", take_count, FIELD(items_count.maximum)},
    {"minLength", take_count, FIELD(length.minimum)},
    {"maxLength", take_count, FIELD(length.maximum)},
    {"pattern", take_pattern, 0},
    {"minimum", take_number, FIELD(minimum)},
    {"maximum", take_number, FIELD(maximum)},
    {"exclusiveMinimum", take_number, FIELD(exclusive_minimum)},
    {"exclusiveMaximum", take_number, FIELD(exclusive_maximum)},
    {"$defs", NULL, 0},
    {"$comment", NULL, 0},
    {"title", NULL, 0},
    {"description", NULL, 0},
    {"default", NULL, 0},
    {"examples", NULL, 0},
    {"deprecated", NULL, 0},
    {"readOnly", NULL, 0},
    {"writeOnly", NULL, 0},
    {"format", NULL, 0},
};

static const struct keyword *find_keyword(struct bytes name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (bytes_equal_text(name, keywords[i].name))
            return &keywords[i];
    return NULL;
}

static void refuse_keyword(struct schema_reader *reader, const struct node *value, const char *pointer)
{
    char quoted[QUOTE_SIZE];
    struct closest closest = closest_make(value->name.data, value->name.length);
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        closest_offer(&closest, keywords[i].name);
    const char *meant = closest_text(&closest);
    schema_fault(reader, value, pointer, "the keyword %s is not supported%s%s%s", quote(value->name, quoted),
                 meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

static void take_keyword(struct schema_reader *reader, struct schema_node *schema, const struct node *value,
                         bool beside_ref)
{
    const struct keyword *keyword = find_keyword(value->name);
    autofree char *pointer = pointer_member(schema->pointer, value->name);
    const char *at = pointer ? pointer : schema->pointer;
    if (!keyword)
        refuse_keyword(reader, value, at);
    else if (keyword->take && beside_ref && keyword->take != take_ref && keyword->take != take_dialect)
        schema_fault(reader, value, at, "beside $ref only what is for people is supported");
    else if (keyword->take)
        keyword->take(reader, schema, value, at, keyword->offset);
}

static const struct node *member(const struct node *object, const char *name)
{
    const struct node *found = object->first;
    while (found && !bytes_equal_text(found->name, name))
        found = found->next;
    return found;
}

void schema_read_keywords(struct schema_reader *reader, struct schema_node *schema)
{
    const struct node *required = member(schema->from, "required");
    bool beside_ref = member(schema->from, "$ref") != NULL;
    for (const struct node *each = schema->from->first; each; each = each->next)
        if (each != required)
            take_keyword(reader, schema, each, beside_ref);
    if (required)
        take_keyword(reader, schema, required, beside_ref);
}
