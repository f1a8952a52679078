// SPDX-License-Identifier: Apache-2.0
#include "validation/findings.h"

#include "base/json_cursor.h"
#include "base/json_string.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8, OUTPUT_DEPTH = 3 };

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->items[i].message);
    free(findings->items);
    *findings = (struct findings){0};
}

// Takes `message` over. Memory that runs out is remembered, since what is lost might be an error.
static void add(struct findings *findings, const struct finding *place, char *message)
{
    if (message != NULL && findings->count >= FINDINGS_MAX) {
        findings->omitted++;
        free(message);
        return;
    }
    if (findings->count == findings->capacity) {
        size_t capacity = findings->capacity > 0 ? findings->capacity * 2 : FIRST_CAPACITY;
        struct finding *items = reallocarray(findings->items, capacity, sizeof *items);
        if (items != NULL) {
            findings->items = items;
            findings->capacity = capacity;
        }
    }
    if (message == NULL || findings->count == findings->capacity) {
        findings->incomplete = true;
        free(message);
        return;
    }
    findings->items[findings->count] = *place;
    findings->items[findings->count++].message = message;
}

void findings_add(struct findings *findings, const struct finding *place, const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    add(findings, place, message);
}

static bool take_name(struct json_cursor *cursor, const char *name)
{
    return json_next(cursor) == JSON_NAME && !cursor->has_escapes && bytes_equal_text(cursor->span, name);
}

static bool take_number(struct json_cursor *cursor, const char *name, uint32_t maximum, uint32_t *ret_value)
{
    if (!take_name(cursor, name) || json_next(cursor) != JSON_INTEGER || cursor->integer < 0 ||
        cursor->integer > maximum)
        return false;
    *ret_value = (uint32_t)cursor->integer;
    return true;
}

static bool take_code(struct json_cursor *cursor, enum validation_code *ret_code)
{
    return take_name(cursor, "code") && json_next(cursor) == JSON_STRING && !cursor->has_escapes &&
           validation_code_by_name(cursor->span, ret_code);
}

// `text` has room for FINDING_TEXT_MAX bytes and a NUL.
static bool take_message(struct json_cursor *cursor, char *text)
{
    if (!take_name(cursor, "message") || json_next(cursor) != JSON_STRING ||
        cursor->span.length > FINDING_TEXT_MAX)
        return false;
    size_t length = json_unescape(cursor->span, text);
    text[length] = '\0';
    return memchr(text, '\0', length) == NULL;
}

// A finding whose opening brace was read.
static bool take_finding(struct json_cursor *cursor, uint32_t module_count, struct findings *findings)
{
    struct finding finding = {0};
    char text[FINDING_TEXT_MAX + 1];
    if (!take_code(cursor, &finding.code) || !take_message(cursor, text) ||
        !take_number(cursor, "module", module_count, &finding.module) ||
        !take_number(cursor, "line", INT32_MAX, &finding.line) ||
        !take_number(cursor, "column", INT32_MAX, &finding.column) ||
        !take_number(cursor, "end_column", INT32_MAX, &finding.end_column) ||
        json_next(cursor) != JSON_OBJECT_END)
        return false;
    bool placed = finding.column > 0;
    if (finding.module == 0 || (placed && (finding.line == 0 || finding.end_column < finding.column)) ||
        (!placed && finding.end_column > 0))
        return false;
    add(findings, &finding, strdup(text));
    return true;
}

static bool take_output(struct json_cursor *cursor, uint32_t module_count, struct findings *findings)
{
    if (json_next(cursor) != JSON_OBJECT_BEGIN || !take_name(cursor, "findings") ||
        json_next(cursor) != JSON_ARRAY_BEGIN)
        return false;
    enum json_token token;
    while ((token = json_next(cursor)) == JSON_OBJECT_BEGIN)
        if (!take_finding(cursor, module_count, findings))
            return false;
    uint32_t omitted = 0;
    if (token != JSON_ARRAY_END || !take_number(cursor, "omitted", INT32_MAX, &omitted) ||
        json_next(cursor) != JSON_OBJECT_END || json_next(cursor) != JSON_END)
        return false;
    findings->omitted += omitted;
    return true;
}

bool findings_read(struct findings *findings, struct bytes output, uint32_t module_count)
{
    struct json_cursor cursor;
    struct findings taken = {0};
    json_cursor_init(&cursor, output, OUTPUT_DEPTH);
    bool good = take_output(&cursor, module_count, &taken);
    for (size_t i = 0; good && i < taken.count; i++) {
        add(findings, &taken.items[i], taken.items[i].message);
        taken.items[i].message = NULL;
    }
    if (good) {
        findings->omitted += taken.omitted;
        findings->incomplete |= taken.incomplete;
    }
    findings_free(&taken);
    return good;
}

static int compare_numbers(uint32_t left, uint32_t right)
{
    return left < right ? -1 : left > right;
}

static int compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    int order = compare_numbers(a->module, b->module);
    if (order == 0)
        order = compare_numbers(a->line, b->line);
    if (order == 0)
        order = compare_numbers(a->column, b->column);
    if (order == 0)
        order = compare_numbers(a->code, b->code);
    return order != 0 ? order : strcmp(a->message, b->message);
}

void findings_sort(struct findings *findings)
{
    if (findings->count > 1)
        qsort(findings->items, findings->count, sizeof *findings->items, compare);
}

bool findings_any_error(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (validation_code_table[findings->items[i].code].severity == VALIDATION_ERROR)
            return true;
    return findings->incomplete;
}
