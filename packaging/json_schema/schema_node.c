// SPDX-License-Identifier: Apache-2.0
#include "packaging/json_schema/schema_node.h"

#include "base/json_number.h"
#include "base/json_write.h"

#include <stdlib.h>

struct schema_number schema_number_of(bool is_integer, int64_t integer, struct bytes text)
{
    return (struct schema_number){.given = true,
                                  .whole = is_integer,
                                  .integer = integer,
                                  .real = is_integer ? (double)integer : json_number_to_double(text)};
}

int schema_number_compare(const struct schema_number *left, const struct schema_number *right)
{
    if (left->whole && right->whole)
        return (left->integer > right->integer) - (left->integer < right->integer);
    return (left->real > right->real) - (left->real < right->real);
}

static int compare_texts(struct bytes left, struct bytes right)
{
    if (left.length != right.length)
        return left.length < right.length ? -1 : 1;
    return left.length > 0 ? memcmp(left.data, right.data, left.length) : 0;
}

int schema_scalar_compare(const struct schema_scalar *left, const struct schema_scalar *right)
{
    if (left->type != right->type)
        return left->type < right->type ? -1 : 1;
    switch (left->type) {
    case SCHEMA_BOOLEAN:
        return left->boolean - right->boolean;
    case SCHEMA_NUMBER:
        return schema_number_compare(&left->number, &right->number);
    case SCHEMA_STRING:
        return compare_texts(left->text, right->text);
    default:
        return 0;
    }
}

static int compare_to_property(const void *name, const void *property)
{
    return compare_texts(*(const struct bytes *)name, ((const struct schema_property *)property)->name);
}

const struct schema_property *schema_property_find(const struct schema_node *node, struct bytes name)
{
    if (node->property_count == 0)
        return NULL;
    return bsearch(&name, node->properties, node->property_count, sizeof *node->properties,
                   compare_to_property);
}

const char *schema_type_name(enum schema_type type)
{
    switch (type) {
    case SCHEMA_NULL:
        return "null";
    case SCHEMA_BOOLEAN:
        return "true or false";
    case SCHEMA_OBJECT:
        return "an object";
    case SCHEMA_ARRAY:
        return "an array";
    case SCHEMA_STRING:
        return "a text";
    case SCHEMA_INTEGER:
        return "a whole number";
    case SCHEMA_NUMBER:
        break;
    }
    return "a number";
}

void schema_scalar_put(struct buffer *out, const struct schema_scalar *scalar)
{
    switch (scalar->type) {
    case SCHEMA_NULL:
        buffer_append_text(out, "null");
        break;
    case SCHEMA_BOOLEAN:
        buffer_append_text(out, scalar->boolean ? "true" : "false");
        break;
    case SCHEMA_STRING:
        json_put_string(out, scalar->text);
        break;
    default:
        if (scalar->number.whole)
            json_put_integer(out, scalar->number.integer);
        else
            json_put_double(out, scalar->number.real);
    }
}

size_t json_schema_bytes(const struct json_schema *schema)
{
    size_t bytes = schema ? sizeof *schema : 0;
    for (const struct schema_node *node = schema ? schema->nodes : NULL; node; node = node->next) {
        bytes += sizeof *node + node->pattern_text.length + pattern_bytes(node->pattern);
        bytes += node->enum_count * sizeof *node->enums + node->property_count * sizeof *node->properties;
        for (size_t i = 0; i < node->enum_count; i++)
            bytes += node->enums[i].text.length;
        for (size_t i = 0; i < node->property_count; i++)
            bytes += node->properties[i].name.length;
    }
    return bytes;
}
