// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_difference.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_SHOWN_MAX = 200 };

static void put_value(struct buffer *out, const json_t *value)
{
    autofree char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        buffer_append_text(out, "(a value that cannot be shown)");
    else if (strlen(text) > VALUE_SHOWN_MAX)
        buffer_printf(out, "%.*s...", VALUE_SHOWN_MAX, text);
    else
        buffer_append_text(out, text);
}

static void put_changed(struct buffer *out, const char *path, const json_t *expected, const json_t *got)
{
    buffer_printf(out, "%s: expected ", path);
    put_value(out, expected);
    buffer_append_text(out, "\n");
    buffer_printf(out, "%*s  got      ", (int)strlen(path) - 1, "");
    put_value(out, got);
    buffer_append_byte(out, '\n');
}

static void put_one_sided(struct buffer *out, const char *path, const char *what, const json_t *value)
{
    buffer_printf(out, "%s: %s ", path, what);
    put_value(out, value);
    buffer_append_byte(out, '\n');
}

static void compare_objects(struct buffer *out, const char *path, const json_t *expected, const json_t *got)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)expected, key, value)
    {
        autofree char *inner = NULL;
        if (asprintf(&inner, "%s.%s", path, key) < 0) {
            inner = NULL;
            continue;
        }
        const json_t *other = json_object_get(got, key);
        if (other == NULL)
            put_one_sided(out, inner, "missing, expected", value);
        else
            json_difference_put(out, inner, value, other);
    }
    json_object_foreach((json_t *)got, key, value)
    {
        autofree char *inner = NULL;
        if (json_object_get(expected, key) != NULL)
            continue;
        if (asprintf(&inner, "%s.%s", path, key) < 0)
            inner = NULL;
        else
            put_one_sided(out, inner, "not expected, got", value);
    }
}

static void compare_arrays(struct buffer *out, const char *path, const json_t *expected, const json_t *got)
{
    size_t expected_count = json_array_size(expected);
    size_t got_count = json_array_size(got);
    for (size_t i = 0; i < expected_count || i < got_count; i++) {
        autofree char *inner = NULL;
        if (asprintf(&inner, "%s[%zu]", path, i) < 0) {
            inner = NULL;
            continue;
        }
        if (i >= got_count)
            put_one_sided(out, inner, "missing, expected", json_array_get(expected, i));
        else if (i >= expected_count)
            put_one_sided(out, inner, "not expected, got", json_array_get(got, i));
        else
            json_difference_put(out, inner, json_array_get(expected, i), json_array_get(got, i));
    }
}

// Integers are compared as such: as doubles, neighbours beyond 2^53 would be the same. A real number is as
// much as an integer if it is exactly that integer.
static bool same_number(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) == json_is_integer(b))
        return json_equal(a, b) || (json_is_real(a) && json_real_value(a) == json_real_value(b));
    double real = json_real_value(json_is_real(a) ? a : b);
    json_int_t integer = json_integer_value(json_is_real(a) ? b : a);
    return real >= -0x1p63 && real < 0x1p63 && (double)(json_int_t)real == real &&
           (json_int_t)real == integer;
}

void json_difference_put(struct buffer *out, const char *path, const json_t *expected, const json_t *got)
{
    if (json_is_object(expected) && json_is_object(got))
        compare_objects(out, path, expected, got);
    else if (json_is_array(expected) && json_is_array(got))
        compare_arrays(out, path, expected, got);
    else if (json_is_number(expected) && json_is_number(got) ? !same_number(expected, got)
                                                             : !json_equal(expected, got))
        put_changed(out, path, expected, got);
}
