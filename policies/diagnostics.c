// SPDX-License-Identifier: Apache-2.0
#include "policies/diagnostics.h"

#include "base/json_write.h"

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

void diagnostics_lose(struct diagnostics *diagnostics)
{
    diagnostics->told++;
    diagnostics->incomplete = true;
}

void diagnostics_exhaust(struct diagnostics *diagnostics, const char *file)
{
    diagnostics->exhausted = true;
    diagnostics_add(diagnostics, file, 0, 0, "", "out of memory");
}

void diagnostics_add(struct diagnostics *diagnostics, const char *file, unsigned line, unsigned column,
                     const char *pointer, const char *format, ...)
{
    if (diagnostics->count >= DIAGNOSTICS_MAX) {
        diagnostics_lose(diagnostics);
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic item = {
        .file = strdup(file), .line = line, .column = column, .pointer = strdup(pointer ? pointer : "")};
    if (vasprintf(&item.message, format, arguments) < 0)
        item.message = NULL;
    va_end(arguments);
    if (!item.file || !item.pointer || !item.message || !make_room(diagnostics)) {
        free(item.file);
        free(item.pointer);
        free(item.message);
        diagnostics->exhausted = true;
        diagnostics_lose(diagnostics);
        return;
    }
    diagnostics->items[diagnostics->count++] = item;
    diagnostics->told++;
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

void diagnostics_rename(struct diagnostics *diagnostics, const char *from, const char *to)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        struct diagnostic *item = &diagnostics->items[i];
        char *name = strcmp(item->file, from) == 0 ? strdup(to) : NULL;
        if (!name)
            continue;
        free(item->file);
        item->file = name;
    }
}

void diagnostic_format(const struct diagnostic *item, char text[DIAGNOSTIC_TEXT_SIZE])
{
    bool named = strcmp(item->file, DIAGNOSTIC_REQUEST) != 0;
    char place[32] = "";
    if (item->line > 0)
        snprintf(place, sizeof place, "%s%u:%u", named ? ":" : "", item->line, item->column);
    // A pointer that a caller made very long must not push the message out.
    snprintf(text, DIAGNOSTIC_TEXT_SIZE, "%.300s%s%s%.200s%s%s", named ? item->file : "", place,
             named || place[0] ? ": " : "", item->pointer, item->pointer[0] ? ": " : "", item->message);
}

static void put_text(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    json_put_text(out, text);
}

static void put_number(struct buffer *out, const char *name, unsigned number)
{
    json_put_name(out, name);
    json_put_unsigned(out, number);
}

void diagnostics_put(struct buffer *out, const struct diagnostics *diagnostics)
{
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        buffer_append_text(out, i > 0 ? ",{" : "{");
        if (strcmp(item->file, DIAGNOSTIC_REQUEST) != 0)
            put_text(out, "file", item->file);
        if (item->line > 0) {
            put_number(out, "line", item->line);
            put_number(out, "column", item->column);
        }
        put_text(out, "pointer", item->pointer);
        put_text(out, "detail", item->message);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}
