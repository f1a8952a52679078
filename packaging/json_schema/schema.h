// SPDX-License-Identifier: Apache-2.0
// JSON Schema 2020-12, the part of it that says what an input or output looks like and can be checked in one
// pass over the text, whatever a hostile author writes: time grows with the text alone, and nothing is kept
// of it. Every other keyword is refused by name when the schema is read, never silently passed over.
//
// Held to: type, enum and const (of scalars), properties, required, additionalProperties, minProperties,
// maxProperties, items, minItems, maxItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength,
// maxLength, pattern, $ref within the document, true and false. For people only: $schema, $defs, $comment,
// title, description, default, examples, deprecated, readOnly, writeOnly, format.
//
// A schema is immutable: any thread may check against it.
#pragma once

#include "base/bytes.h"
#include "policies/diagnostics.h"
#include "policies/document_tree.h"

#include <stdbool.h>

enum { SCHEMA_FAULTS_MAX = 20 };

struct json_schema;

// Reads the schema whose root is `node`, which stands at `pointer` of the document `file`. NULL if there were
// faults; they are in `diagnostics`. Nothing of the tree is borrowed.
struct json_schema *json_schema_read(const struct node *node, const char *file, const char *pointer,
                                     struct diagnostics *diagnostics);
void json_schema_free(struct json_schema *schema); // NULL is fine
// Bytes of memory that it keeps, as they were asked for; 0 for NULL.
size_t json_schema_bytes(const struct json_schema *schema);

// Whether `text`, which is strict JSON, fits. The first SCHEMA_FAULTS_MAX faults go to `faults`; each one's
// place begins with `root`: "/context" gives "/context/items/3", "$" gives "$.items[3]".
bool json_schema_check(const struct json_schema *schema, struct bytes text, const char *root,
                       struct diagnostics *faults);
