// SPDX-License-Identifier: Apache-2.0
// A JSON text as a tree that remembers where everything stood, which jansson's does not: the ground that the
// policy reader checks on. Strict (base/json_cursor.h), bounded in bytes, depth and values. Not thread-safe.
#pragma once

#include "base/bytes.h"
#include "policies/diagnostics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DOCUMENT_BYTES_MAX = 256 * 1024, DOCUMENT_DEPTH_MAX = 32, DOCUMENT_VALUES_MAX = 5000 };

enum node_kind { NODE_OBJECT, NODE_ARRAY, NODE_STRING, NODE_INTEGER, NODE_FLOAT, NODE_BOOLEAN, NODE_NULL };

struct place {
    unsigned line;   // from 1
    unsigned column; // from 1, in bytes
};

struct node {
    enum node_kind kind;
    struct place at;      // of the value's first byte
    struct place name_at; // of the name's opening quote, for a member of an object
    struct bytes name;    // unescaped; for a member of an object
    struct bytes text;    // NODE_STRING: unescaped; numbers: as written
    int64_t integer;      // NODE_INTEGER
    bool boolean;         // NODE_BOOLEAN
    struct node *first;   // of an object's members or an array's items
    struct node *next;    // sibling, in the order of the text
};

struct document_tree {
    struct node *root;
    struct arena_block *blocks; // private
};

// Parses `text`, which must outlive the tree. A text that is no JSON, or a name that stands twice in an
// object, goes to `diagnostics`; of such names the first is kept. False if there is no tree; the caller frees
// the tree otherwise.
bool document_tree_parse(const char *file, struct bytes text, struct diagnostics *diagnostics,
                         struct document_tree *ret_tree);
void document_tree_free(struct document_tree *tree);

// "an object", "a string", ...: what a person would call it.
const char *node_kind_name(enum node_kind kind);

// Appends "/name" to a pointer, escaped as RFC 6901 says, control characters made '?'. The caller frees the
// new text; NULL when out of memory.
char *pointer_member(const char *pointer, struct bytes name);
char *pointer_item(const char *pointer, size_t index);
