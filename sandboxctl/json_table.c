// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_table.h"

#include "base/utf8.h"
#include "sandboxctl/text_style.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_SIZE = 256, MICROS = 1000000 };

static void money(json_int_t micros, char text[CELL_SIZE])
{
    int length = snprintf(text, CELL_SIZE, "%" PRId64 ".%06" PRId64, (int64_t)(micros / MICROS),
                          (int64_t)llabs(micros % MICROS));
    // Two decimals, and more where they say something.
    while (text[length - 1] == '0' && text[length - 4] != '.')
        text[--length] = '\0';
}

// What does not fit ends in "...".
static void cut(const char *whole, char text[CELL_SIZE])
{
    size_t length = utf8_cut(bytes_of_text(whole), CELL_SIZE - sizeof "...");
    snprintf(text, CELL_SIZE, "%.*s%s", (int)length, whole, whole[length] != '\0' ? "..." : "");
}

static void cell(const struct column *column, const json_t *item, char text[CELL_SIZE])
{
    const json_t *value = json_object_get(item, column->member);
    char figure[FIGURE_SIZE];
    if (json_is_string(value))
        cut(json_string_value(value), text);
    else if (json_is_boolean(value))
        snprintf(text, CELL_SIZE, "%s", json_is_true(value) ? "yes" : "no");
    else if (!json_is_number(value))
        snprintf(text, CELL_SIZE, "-");
    else if (column->kind == COLUMN_MONEY)
        money((json_int_t)json_number_value(value), text);
    else if (column->kind == COLUMN_SECONDS)
        snprintf(text, CELL_SIZE, "%.3f", json_number_value(value));
    else
        snprintf(text, CELL_SIZE, "%s", figure_count((uint64_t)json_number_value(value), figure));
}

// Characters on the screen: those bytes that do not continue one.
static int width_of(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void put(FILE *out, const struct column *column, const char *text, int width, bool last)
{
    int padding = width - width_of(text);
    if (column->kind != COLUMN_TEXT)
        fprintf(out, "%*s", padding, "");
    put_foreign(out, text, 0);
    if (!last)
        fprintf(out, "%*s", column->kind == COLUMN_TEXT ? padding + 2 : 2, "");
}

void json_table_show(FILE *out, const struct column *columns, size_t count, const json_t *items)
{
    char text[CELL_SIZE];
    int widths[16] = {0};
    size_t index;
    json_t *item;
    if (json_array_size(items) == 0) {
        fputs("nothing to show\n", stderr);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        widths[i] = (int)strlen(columns[i].title);
        json_array_foreach(items, index, item)
        {
            cell(&columns[i], item, text);
            if (width_of(text) > widths[i])
                widths[i] = width_of(text);
        }
    }
    for (size_t i = 0; i < count; i++)
        put(out, &columns[i], columns[i].title, widths[i], i + 1 == count);
    fputc('\n', out);
    json_array_foreach(items, index, item)
    {
        for (size_t i = 0; i < count; i++) {
            cell(&columns[i], item, text);
            put(out, &columns[i], text, widths[i], i + 1 == count);
        }
        fputc('\n', out);
    }
}

void json_record_show(FILE *out, const struct column *columns, size_t count, const json_t *object)
{
    int width = 0;
    for (size_t i = 0; i < count; i++)
        if ((int)strlen(columns[i].title) > width)
            width = (int)strlen(columns[i].title);
    for (size_t i = 0; i < count; i++) {
        char text[CELL_SIZE];
        cell(&columns[i], object, text);
        fprintf(out, "%-*s  ", width, columns[i].title);
        put_foreign(out, text, 0);
        fputc('\n', out);
    }
}
