// SPDX-License-Identifier: Apache-2.0
// One pass over the text with a level for every open array and object; what no schema holds for is skipped.
#include "base/buffer.h"
#include "base/closest.h"
#include "base/json_cursor.h"
#include "base/json_number.h"
#include "packaging/json_schema/schema_node.h"
#include "policies/quote.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_MAX_BYTES = 1024, FIRST_LEVELS = 16 };
// Some five milliseconds: this may be the thread that holds the deadlines of other runs.
enum { PATTERN_WORK_MAX = 2 * 1024 * 1024 };
// For the same reason a name is compared with that many at most, and once a text.
enum { OFFERED_MAX = 100 };

struct level {
    const struct schema_node *schema;
    bool is_object;
    struct bytes name; // of the member being read, escapes not resolved
    uint64_t count;    // members or items that have begun
    uint64_t seen;     // bits of required members
};

struct check {
    struct json_cursor cursor;
    const char *root;
    struct diagnostics *faults;
    size_t fault_count;
    size_t depth, capacity;
    struct level *levels;
    char *scratch; // for names and texts with escapes: as long as the whole text
    size_t scratch_size;
    uint64_t work; // what is left for patterns
    bool advised;  // what an unknown member was meant to be was looked for once
    bool out_of_memory;
};

static struct bytes unescaped(struct check *check, struct bytes span)
{
    return bytes_of(check->scratch, json_unescape(span, check->scratch));
}

// Texts with escapes need a place; the first one makes it.
static struct bytes plain_text(struct check *check, struct bytes span, bool has_escapes)
{
    if (!has_escapes)
        return span;
    if (!check->scratch)
        check->scratch = malloc(check->scratch_size);
    if (check->scratch)
        return unescaped(check, span);
    check->out_of_memory = true;
    return bytes_of_text("");
}

static void put_name(struct buffer *out, struct bytes name, bool dollar)
{
    buffer_append_byte(out, dollar ? '.' : '/');
    for (size_t i = 0; i < name.length; i++) {
        char letter = name.data[i];
        if (!dollar && (letter == '~' || letter == '/'))
            buffer_append_text(out, letter == '~' ? "~0" : "~1");
        else
            buffer_append_byte(out, letter);
    }
}

// "/context/items/3" or "$.items[3]".
static void put_path(struct buffer *out, const struct check *check)
{
    bool dollar = check->root[0] == '$';
    buffer_append_text(out, check->root);
    for (size_t i = 0; i < check->depth; i++) {
        const struct level *level = &check->levels[i];
        if (!level->is_object)
            buffer_printf(out, dollar ? "[%llu]" : "/%llu", (unsigned long long)(level->count - 1));
        else if (level->name.data)
            put_name(out, level->name, dollar);
    }
}

static void fault(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct check *check, const char *format, ...)
{
    check->fault_count++;
    if (!check->faults || check->fault_count > SCHEMA_FAULTS_MAX) {
        if (check->faults)
            diagnostics_lose(check->faults);
        return;
    }
    char text[512], path[PATH_MAX_BYTES + 1];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct buffer place = buffer_over(path, sizeof path);
    put_path(&place, check);
    diagnostics_add(check->faults, DIAGNOSTIC_REQUEST, 0, 0, buffer_ok(&place) ? path : check->root, "%s",
                    text);
}

static const char *expected_types(unsigned types, char text[160])
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned type = SCHEMA_NULL; type <= SCHEMA_INTEGER; type <<= 1)
        if (types & type)
            used += (size_t)snprintf(text + used, 160 - used, "%s%s", used > 0 ? " or " : "",
                                     schema_type_name((enum schema_type)type));
    return text;
}

static bool type_fits(struct check *check, const struct schema_node *schema, unsigned found)
{
    char text[160];
    if (schema->never) {
        fault(check, "nothing is allowed here");
        return false;
    }
    if (schema->types == 0 || (schema->types & found))
        return true;
    // A whole number is a number; its bit alone would be told as both.
    unsigned shown = found & SCHEMA_NUMBER ? SCHEMA_NUMBER : found;
    fault(check, "expected %s, not %s", expected_types(schema->types, text),
          schema_type_name((enum schema_type)shown));
    return false;
}

static int compare_scalars(const void *left, const void *right)
{
    return schema_scalar_compare(left, right);
}

static void check_enum(struct check *check, const struct schema_node *schema,
                       const struct schema_scalar *found)
{
    enum { SHOWN = 12 };
    if (!schema->enums ||
        (found && bsearch(found, schema->enums, schema->enum_count, sizeof *schema->enums, compare_scalars)))
        return;
    struct buffer list = buffer_make(300);
    for (size_t i = 0; i < schema->enum_count && i < SHOWN; i++) {
        buffer_append_text(&list, i > 0 ? ", " : "");
        schema_scalar_put(&list, &schema->enums[i]);
    }
    bool whole = buffer_ok(&list) && schema->enum_count <= SHOWN;
    fault(check, "expected %s%s%s", schema->enum_count > 1 ? "one of " : "",
          list.data && buffer_ok(&list) ? list.data : "the schema's values", whole ? "" : ", ...");
    buffer_free(&list);
}

static bool is_whole(const struct schema_number *number)
{
    return number->whole || number->real == floor(number->real);
}

static void check_bound(struct check *check, const struct schema_number *bound, bool broken,
                        const char *words)
{
    char text[JSON_DOUBLE_TEXT_SIZE];
    if (!bound->given || !broken)
        return;
    if (bound->whole)
        snprintf(text, sizeof text, "%lld", (long long)bound->integer);
    else
        json_number_text(bound->real, text);
    fault(check, "expected a number %s %s", words, text);
}

static void check_number(struct check *check, const struct schema_node *schema, bool is_integer)
{
    struct schema_scalar found = {
        .type = SCHEMA_NUMBER,
        .number = schema_number_of(is_integer, check->cursor.integer, check->cursor.span)};
    const struct schema_number *number = &found.number;
    if (!type_fits(check, schema, SCHEMA_NUMBER | (is_whole(number) ? SCHEMA_INTEGER : 0)))
        return;
    check_enum(check, schema, &found);
    check_bound(check, &schema->minimum, schema_number_compare(number, &schema->minimum) < 0, "from");
    check_bound(check, &schema->maximum, schema_number_compare(number, &schema->maximum) > 0, "up to");
    check_bound(check, &schema->exclusive_minimum,
                schema_number_compare(number, &schema->exclusive_minimum) <= 0, "above");
    check_bound(check, &schema->exclusive_maximum,
                schema_number_compare(number, &schema->exclusive_maximum) >= 0, "below");
}

static void check_count(struct check *check, const struct schema_bounds *bounds, uint64_t found,
                        const char *what)
{
    if (found < bounds->minimum)
        fault(check, "expected at least %llu %s, not %llu", (unsigned long long)bounds->minimum, what,
              (unsigned long long)found);
    else if (found > bounds->maximum)
        fault(check, "expected at most %llu %s, not %llu", (unsigned long long)bounds->maximum, what,
              (unsigned long long)found);
}

static uint64_t characters(struct bytes text)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

static void check_pattern(struct check *check, const struct schema_node *schema, struct bytes text)
{
    char quoted[QUOTE_SIZE];
    if (!schema->pattern)
        return;
    switch (pattern_find(schema->pattern, text, &check->work)) {
    case PATTERN_FOUND:
        return;
    case PATTERN_NOT_FOUND:
        fault(check, "expected a text that matches %s", quote(schema->pattern_text, quoted));
        return;
    case PATTERN_TOO_MUCH:
        fault(check, "there is too much text for the schema's patterns");
        return;
    }
}

static void check_string(struct check *check, const struct schema_node *schema)
{
    if (!type_fits(check, schema, SCHEMA_STRING))
        return;
    struct bytes text = plain_text(check, check->cursor.span, check->cursor.has_escapes);
    check_enum(check, schema, &(struct schema_scalar){.type = SCHEMA_STRING, .text = text});
    check_pattern(check, schema, text);
    if (schema->length.minimum > 0 || schema->length.maximum < UINT64_MAX)
        check_count(check, &schema->length, characters(text), "characters");
}

static bool open_level(struct check *check, const struct schema_node *schema, bool is_object)
{
    if (check->depth == check->capacity) {
        size_t capacity = check->capacity ? check->capacity * 2 : FIRST_LEVELS;
        struct level *grown = reallocarray(check->levels, capacity, sizeof *grown);
        if (!grown) {
            check->out_of_memory = true;
            return false;
        }
        check->levels = grown;
        check->capacity = capacity;
    }
    check->levels[check->depth++] = (struct level){.schema = schema, .is_object = is_object};
    return true;
}

static void tell_missing(struct check *check, struct level *level)
{
    const struct schema_node *schema = level->schema;
    for (size_t i = 0; i < schema->property_count; i++) {
        const struct schema_property *property = &schema->properties[i];
        if (property->required < 0 || (level->seen >> property->required & 1))
            continue;
        level->name = property->name;
        fault(check, "it is missing");
    }
}

static void close_level(struct check *check)
{
    struct level *level = &check->levels[check->depth - 1];
    const struct schema_node *schema = level->schema;
    if (level->is_object && (level->seen & schema->required) != schema->required)
        tell_missing(check, level);
    uint64_t count = level->count;
    bool is_object = level->is_object;
    check->depth--;
    check_count(check, is_object ? &schema->properties_count : &schema->items_count, count,
                is_object ? "members" : "items");
}

static void check_scalar(struct check *check, const struct schema_node *schema, enum json_token token)
{
    struct schema_scalar found = {.type = SCHEMA_NULL, .boolean = token == JSON_TRUE};
    switch (token) {
    case JSON_STRING:
        check_string(check, schema);
        return;
    case JSON_INTEGER:
    case JSON_FLOAT:
        check_number(check, schema, token == JSON_INTEGER);
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        found.type = SCHEMA_BOOLEAN;
        break;
    default:
        break;
    }
    if (type_fits(check, schema, found.type))
        check_enum(check, schema, &found);
}

static void refuse_member(struct check *check, const struct schema_node *schema, struct bytes name)
{
    struct closest closest = closest_make(name.data, name.length);
    bool offer = check->faults && !check->advised && schema->property_count <= OFFERED_MAX;
    for (size_t i = 0; offer && i < schema->property_count; i++)
        closest_offer(&closest, schema->properties[i].name.data);
    check->advised = true;
    const char *meant = closest_text(&closest);
    fault(check, "there is no such member%s%s%s", meant ? "; did you mean \"" : "", meant ? meant : "",
          meant ? "\"?" : "");
}

// The schema for the value of the member whose name was just read; NULL: any.
static const struct schema_node *schema_of_member(struct check *check)
{
    struct level *level = &check->levels[check->depth - 1];
    level->count++;
    level->name = check->cursor.span;
    struct bytes name = plain_text(check, check->cursor.span, check->cursor.has_escapes);
    const struct schema_property *property = schema_property_find(level->schema, name);
    if (property && property->required >= 0)
        level->seen |= UINT64_C(1) << property->required;
    if (property && !property->only_required)
        return property->value;
    const struct schema_node *additional = level->schema->additional;
    if (additional && additional->never) {
        refuse_member(check, level->schema, name);
        return NULL;
    }
    return additional;
}

// The value that begins with `token`. A container that is wrong as a whole is told once, not piece by piece.
static void take_value(struct check *check, const struct schema_node *schema, enum json_token token)
{
    bool is_object = token == JSON_OBJECT_BEGIN, is_array = token == JSON_ARRAY_BEGIN;
    if (!is_object && !is_array) {
        if (schema)
            check_scalar(check, schema, token);
        return;
    }
    if (schema && type_fits(check, schema, is_object ? SCHEMA_OBJECT : SCHEMA_ARRAY)) {
        check_enum(check, schema, NULL);
        if (open_level(check, schema, is_object))
            return;
    }
    unsigned depth = check->cursor.depth;
    while (check->cursor.depth >= depth && json_next(&check->cursor) != JSON_FAULT)
        continue;
}

static void check_all(struct check *check, const struct schema_node *root)
{
    const struct schema_node *member = NULL;
    while (!check->out_of_memory && check->fault_count <= SCHEMA_FAULTS_MAX) {
        enum json_token token = json_next(&check->cursor);
        struct level *level = check->depth > 0 ? &check->levels[check->depth - 1] : NULL;
        if (token == JSON_END)
            return;
        if (token == JSON_FAULT) {
            fault(check, "%s", check->cursor.fault.what);
            return;
        }
        if (token == JSON_OBJECT_END || token == JSON_ARRAY_END) {
            close_level(check);
        } else if (token == JSON_NAME) {
            member = schema_of_member(check);
        } else if (!level) {
            take_value(check, root, token);
        } else {
            level->count += !level->is_object;
            take_value(check, level->is_object ? member : level->schema->items, token);
        }
    }
}

bool json_schema_check(const struct json_schema *schema, struct bytes text, const char *root,
                       struct diagnostics *faults)
{
    struct check check = {
        .root = root, .faults = faults, .scratch_size = text.length + 1, .work = PATTERN_WORK_MAX};
    json_cursor_init(&check.cursor, text, JSON_DEPTH_MAX);
    check_all(&check, schema->root);
    if (check.out_of_memory)
        diagnostics_exhaust(faults, DIAGNOSTIC_REQUEST);
    free(check.levels);
    free(check.scratch);
    return check.fault_count == 0 && !check.out_of_memory;
}
