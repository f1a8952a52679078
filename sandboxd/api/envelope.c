// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/envelope.h"

#include "base/cleanup.h"
#include "base/closest.h"
#include "policies/document_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 128 };

void envelope_fault(struct envelope *envelope, const char *pointer, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    diagnostics_add(envelope->faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "%s", text);
}

char envelope_peek(const struct envelope *envelope)
{
    const struct json_cursor *cursor = &envelope->cursor;
    size_t at = cursor->offset;
    while (at < cursor->length && memchr(" \t\r\n:,", cursor->text[at], 6) != NULL)
        at++;
    return at < cursor->length ? cursor->text[at] : '\0';
}

static const char *kind_next(const struct envelope *envelope)
{
    switch (envelope_peek(envelope)) {
    case '{':
        return "an object";
    case '[':
        return "an array";
    case '"':
        return "a text";
    case 't':
    case 'f':
        return "a boolean";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

bool envelope_take_raw(struct envelope *envelope, struct bytes *ret_text)
{
    return json_skip_value(&envelope->cursor, ret_text);
}

static bool pass_over(struct envelope *envelope, const char *pointer, const char *expected)
{
    const char *found = kind_next(envelope);
    struct bytes ignored;
    if (!json_skip_value(&envelope->cursor, &ignored))
        return false;
    envelope_fault(envelope, pointer, "expected %s, not %s", expected, found);
    return true;
}

bool envelope_take_text(struct envelope *envelope, const char *pointer, struct bytes *ret_text,
                        char **ret_owned)
{
    if (envelope_peek(envelope) != '"')
        return pass_over(envelope, pointer, "a text");
    if (json_next(&envelope->cursor) != JSON_STRING)
        return false;
    struct bytes span = envelope->cursor.span;
    if (!envelope->cursor.has_escapes) {
        *ret_text = span;
        return true;
    }
    char *owned = malloc(span.length > 0 ? span.length : 1);
    if (owned == NULL) {
        diagnostics_exhaust(envelope->faults, DIAGNOSTIC_REQUEST);
        return true;
    }
    free(*ret_owned);
    *ret_owned = owned;
    *ret_text = bytes_of(owned, json_unescape(span, owned));
    return true;
}

bool envelope_take_short_text(struct envelope *envelope, const char *pointer, char *out, size_t size)
{
    struct bytes text = {0};
    autofree char *owned = NULL;
    if (!envelope_take_text(envelope, pointer, &text, &owned))
        return false;
    if (text.data == NULL)
        return true; // told already
    if (text.length == 0 || text.length >= size) {
        envelope_fault(envelope, pointer, "expected 1 to %zu bytes, not %zu", size - 1, text.length);
        return true;
    }
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 127) {
            envelope_fault(envelope, pointer, "it has a control character");
            return true;
        }
    }
    memcpy(out, text.data, text.length);
    out[text.length] = '\0';
    return true;
}

bool envelope_take_boolean(struct envelope *envelope, const char *pointer, bool *ret_value)
{
    char next = envelope_peek(envelope);
    if (next != 't' && next != 'f')
        return pass_over(envelope, pointer, "true or false");
    enum json_token token = json_next(&envelope->cursor);
    if (token == JSON_TRUE || token == JSON_FALSE)
        *ret_value = token == JSON_TRUE;
    return token != JSON_FAULT;
}

bool envelope_take_unsigned(struct envelope *envelope, const char *pointer, uint64_t *ret_value)
{
    char next = envelope_peek(envelope);
    if (next != '-' && (next < '0' || next > '9'))
        return pass_over(envelope, pointer, "a whole number");
    enum json_token token = json_next(&envelope->cursor);
    if (token == JSON_FAULT)
        return false;
    if (token == JSON_INTEGER && envelope->cursor.integer >= 0)
        *ret_value = (uint64_t)envelope->cursor.integer;
    else
        envelope_fault(envelope, pointer, "expected a whole number from 0 to 9223372036854775807");
    return true;
}

// The name of the member at the cursor, unescaped; "" if it is too long to be one of ours.
static void member_name(const struct envelope *envelope, char name[NAME_MAX_BYTES + 1])
{
    struct bytes span = envelope->cursor.span;
    size_t length = 0;
    if (span.length <= NAME_MAX_BYTES)
        length = json_unescape(span, name);
    name[length] = '\0';
}

static bool unknown_member(struct envelope *envelope, const struct envelope_object *object,
                           const char *pointer)
{
    autofree char *owned = malloc(envelope->cursor.span.length + 1);
    struct bytes name = bytes_of("?", 1);
    if (owned != NULL)
        name = bytes_of(owned, json_unescape(envelope->cursor.span, owned));
    if (name.length > NAME_MAX_BYTES)
        name.length = NAME_MAX_BYTES;
    struct closest closest = closest_make(name.data, name.length);
    for (unsigned i = 0; i < object->count; i++)
        closest_offer(&closest, object->names[i]);
    const char *meant = closest_text(&closest);
    autofree char *at = pointer_member(pointer, name);
    envelope_fault(envelope, at, "unknown member%s%s%s", meant != NULL ? "; did you mean \"" : "",
                   meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
    struct bytes ignored;
    return json_skip_value(&envelope->cursor, &ignored);
}

static bool take_member(struct envelope *envelope, const struct envelope_object *object, const char *pointer,
                        uint32_t *seen, void *out)
{
    char name[NAME_MAX_BYTES + 1];
    member_name(envelope, name);
    unsigned index = 0;
    while (index < object->count && strcmp(name, object->names[index]) != 0)
        index++;
    if (index == object->count)
        return unknown_member(envelope, object, pointer);
    char inner[256];
    snprintf(inner, sizeof(inner), "%s/%s", pointer, name);
    if (*seen & (UINT32_C(1) << index)) {
        envelope_fault(envelope, inner, "it is there twice");
        struct bytes ignored;
        return json_skip_value(&envelope->cursor, &ignored);
    }
    *seen |= UINT32_C(1) << index;
    return object->take(envelope, index, inner, out);
}

bool envelope_take_object(struct envelope *envelope, const struct envelope_object *object,
                          const char *pointer, void *out)
{
    if (envelope_peek(envelope) != '{')
        return pass_over(envelope, pointer, "an object");
    if (json_next(&envelope->cursor) != JSON_OBJECT_BEGIN)
        return false;
    uint32_t seen = 0;
    for (;;) {
        enum json_token token = json_next(&envelope->cursor);
        if (token == JSON_OBJECT_END)
            return true;
        if (token != JSON_NAME || !take_member(envelope, object, pointer, &seen, out))
            return false;
    }
}

bool envelope_read(struct bytes body, const struct envelope_object *object, void *out,
                   struct diagnostics *faults, struct json_fault *ret_fault)
{
    struct envelope envelope = {.faults = faults};
    json_cursor_init(&envelope.cursor, body, JSON_DEPTH_MAX);
    if (envelope_take_object(&envelope, object, "", out) && json_next(&envelope.cursor) == JSON_END)
        return true;
    *ret_fault = envelope.cursor.fault;
    return false;
}

unsigned json_nesting(struct bytes text)
{
    unsigned depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
            deepest = depth > deepest ? depth : deepest;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return deepest;
}
