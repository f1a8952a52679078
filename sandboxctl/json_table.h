// SPDX-License-Identifier: Apache-2.0
// Items of an answer as a table for people: one row each, columns as wide as they need to be. Main thread
// only.
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

enum column_kind {
    COLUMN_TEXT,
    COLUMN_COUNT,   // "1,234"
    COLUMN_MONEY,   // millionths as units: "0.001234"
    COLUMN_SECONDS, // "12.345"
};

struct column {
    const char *title;
    const char *member;
    enum column_kind kind;
};

// Prints the titles and a row for each item; what is missing or null is "-".
void json_table_show(FILE *out, const struct column *columns, size_t count, const json_t *items);
// The same for one object, a line for each column: its title and its value.
void json_record_show(FILE *out, const struct column *columns, size_t count, const json_t *object);
