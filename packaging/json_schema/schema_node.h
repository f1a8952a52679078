// SPDX-License-Identifier: Apache-2.0
// A schema as it is checked against. Only for packaging/json_schema/.
#pragma once

#include "packaging/json_schema/pattern.h"
#include "packaging/json_schema/schema.h"

#include <stdint.h>

enum { SCHEMA_REQUIRED_MAX = 64, SCHEMA_ENUM_MAX = 1000, SCHEMA_PATTERNS_MAX = 100 };
enum {
    SCHEMA_NAME_MAX = 256,             // bytes of a property's name
    SCHEMA_POINTERS_MAX = 1024 * 1024, // bytes of the places of all schemas within one
};

enum schema_type {
    SCHEMA_NULL = 1,
    SCHEMA_BOOLEAN = 2,
    SCHEMA_OBJECT = 4,
    SCHEMA_ARRAY = 8,
    SCHEMA_STRING = 16,
    SCHEMA_NUMBER = 32,
    SCHEMA_INTEGER = 64, // a number without a fraction, however it is written
};

struct schema_number {
    bool given;
    bool whole; // `integer` is exact
    int64_t integer;
    double real;
};

// A value of `enum`, in the order of schema_scalar_compare.
struct schema_scalar {
    enum schema_type type; // SCHEMA_NULL, _BOOLEAN, _STRING or _NUMBER
    bool boolean;
    struct schema_number number;
    struct bytes text; // owned by the schema
};

struct schema_property {
    struct bytes name;               // owned by the schema, with a NUL
    const struct schema_node *value; // NULL: any
    int required;                    // its bit, or -1
    bool only_required;              // stands in `required` and not in `properties`
};

// A count of something with bounds.
struct schema_bounds {
    uint64_t minimum, maximum;
};

struct schema_node {
    bool never;                   // `false`: nothing fits
    const struct schema_node *is; // of a $ref: what holds instead; never a $ref itself
    unsigned types;               // enum schema_type bits; 0: any
    size_t enum_count;
    struct schema_scalar *enums; // in order; NULL: any
    struct schema_number minimum, maximum, exclusive_minimum, exclusive_maximum;
    struct schema_bounds length, items_count, properties_count;
    struct pattern *pattern;   // owned; NULL: any
    struct bytes pattern_text; // owned by the schema
    size_t property_count;
    struct schema_property *properties;   // by name
    uint64_t required;                    // bits
    const struct schema_node *additional; // NULL: any
    const struct schema_node *items;      // NULL: any
    struct schema_node *next;             // private to the reader: all of a schema, to free them
    const struct node *from;              // private to the reader; NULL once it is read
    char *pointer;                        // likewise; owned
};

struct json_schema {
    const struct schema_node *root;
    struct schema_node *nodes; // all
};

int schema_scalar_compare(const struct schema_scalar *left, const struct schema_scalar *right);
// As JSON.
void schema_scalar_put(struct buffer *out, const struct schema_scalar *scalar);
int schema_number_compare(const struct schema_number *left, const struct schema_number *right);
struct schema_number schema_number_of(bool is_integer, int64_t integer, struct bytes text);
// The property of that name, or NULL.
const struct schema_property *schema_property_find(const struct schema_node *node, struct bytes name);
// "a text", "a whole number" ...
const char *schema_type_name(enum schema_type type);

// keywords.c: the keywords of one object, and what each does to a node.
struct schema_reader;
void schema_read_keywords(struct schema_reader *reader, struct schema_node *schema);

// What the reader gives to keywords.
struct schema_reader {
    struct json_schema *schema;
    struct schema_node **last; // where the next new node is hung; nodes are filled in this order
    const struct node *document;
    const char *file;
    const char *root_pointer;
    struct diagnostics *diagnostics;
    unsigned pattern_count;
    unsigned fault_count;
    size_t pointer_bytes;
    bool failed;
    bool too_large; // it is told, and nothing more is read
};
// The node for the schema at `from`: an existing one, or a new one that is filled later. NULL: there is no
// memory, or the schema is too large; the fault is told.
struct schema_node *schema_node_of(struct schema_reader *reader, const struct node *from,
                                   const char *pointer);
// What stands at `rest`, a JSON pointer below `document`; NULL if there is nothing.
const struct node *schema_find_target(const struct node *document, struct bytes rest);
// Tells that there is no memory to read it.
void schema_exhaust(struct schema_reader *reader);
// Tells the first SCHEMA_FAULTS_MAX.
void schema_fault(struct schema_reader *reader, const struct node *at, const char *pointer,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
