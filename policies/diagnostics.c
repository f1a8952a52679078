// SPDX-License-Identifier: Apache-2.0
#include "policies/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8 };

void diagnostics_init(struct diagnostics *diagnostics)
{
    *diagnostics = (struct diagnostics){0};
}

void diagnostics_free(struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        free(diagnostics->items[i].file);
        free(diagnostics->items[i].pointer);
        free(diagnostics->items[i].message);
    }
    free(diagnostics->items);
    diagnostics_init(diagnostics);
}

static bool make_room(struct diagnostics *diagnostics)
{
    if (diagnostics->count < diagnostics->capacity)
        return true;
    size_t capacity = diagnostics->capacity ? diagnostics->capacity * 2 : FIRST_CAPACITY;
    struct diagnostic *items = reallocarray(diagnostics->items, capacity, sizeof *items);
    if (!items)
        return false;
    diagnostics->items = items;
    diagnostics->capacity = capacity;
    return true;
}

void diagnostics_add(struct diagnostics *diagnostics, const char *file, unsigned line, unsigned column,
                     const char *pointer, const char *format, ...)
{
    if (diagnostics->count >= DIAGNOSTICS_MAX) {
        diagnostics->incomplete = true;
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic item = {
        .file = strdup(file), .line = line, .column = column, .pointer = strdup(pointer)};
    if (vasprintf(&item.message, format, arguments) < 0)
        item.message = NULL;
    va_end(arguments);
    if (!item.file || !item.pointer || !item.message || !make_room(diagnostics)) {
        free(item.file);
        free(item.pointer);
        free(item.message);
        diagnostics->incomplete = true;
        return;
    }
    diagnostics->items[diagnostics->count++] = item;
}

static int compare(const void *left, const void *right)
{
    const struct diagnostic *a = left, *b = right;
    int by_file = strcmp(a->file, b->file);
    if (by_file)
        return by_file;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    int by_pointer = strcmp(a->pointer, b->pointer);
    return by_pointer ? by_pointer : strcmp(a->message, b->message);
}

void diagnostics_sort(struct diagnostics *diagnostics)
{
    if (diagnostics->count > 1)
        qsort(diagnostics->items, diagnostics->count, sizeof *diagnostics->items, compare);
}
