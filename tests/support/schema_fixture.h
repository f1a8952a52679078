// SPDX-License-Identifier: Apache-2.0
// JSON Schemas for tests, read from their text.
#pragma once

#include "packaging/json_schema/schema.h"
#include "tests/support/cmocka_all.h"

static inline struct json_schema *schema_read(const char *text, struct diagnostics *faults)
{
    struct document_tree tree;
    diagnostics_init(faults);
    if (!document_tree_parse("schema", bytes_of_text(text), faults, &tree))
        fail_msg("%s: %s", text, faults->items[0].message);
    struct json_schema *schema = json_schema_read(tree.root, "schema", "", faults);
    document_tree_free(&tree);
    return schema;
}

static inline struct json_schema *schema_of(const char *text)
{
    struct diagnostics faults;
    struct json_schema *schema = schema_read(text, &faults);
    if (!schema)
        fail_msg("%s: %s: %s", text, faults.items[0].pointer, faults.items[0].message);
    diagnostics_free(&faults);
    return schema;
}
