// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/router.h"

#include <stdio.h>
#include <string.h>

static const char *const method_names[METHOD_COUNT] = {
    [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
    [METHOD_PUT] = "PUT", [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
};

const char *http_method_name(enum http_method method)
{
    return method < METHOD_COUNT ? method_names[method] : "OTHER";
}

bool http_method_by_name(const char *name, enum http_method *ret_method)
{
    for (unsigned i = 0; i < METHOD_COUNT; i++) {
        if (strcmp(name, method_names[i]) == 0) {
            *ret_method = (enum http_method)i;
            return true;
        }
    }
    return false;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// One percent-encoded or plain byte at `text`; advances it. -1 if malformed or NUL.
static int decode_byte(const char **text, const char *end)
{
    const char *at = *text;
    if (*at != '%') {
        *text = at + 1;
        return (unsigned char)*at;
    }
    if (end - at < 3)
        return -1;
    int high = hex_value(at[1]), low = hex_value(at[2]);
    if (high < 0 || low < 0 || (high | low) == 0)
        return -1;
    *text = at + 3;
    return high * 16 + low;
}

static bool decode_in_place(char *text, size_t length, struct bytes *ret_decoded)
{
    const char *at = text, *end = text + length;
    char *out = text;
    while (at < end) {
        int byte = decode_byte(&at, end);
        if (byte < 0)
            return false;
        *out++ = (char)byte;
    }
    *out = '\0'; // over the '/' or the end that followed, or bytes already read
    *ret_decoded = bytes_of(text, (size_t)(out - text));
    return true;
}

// Whether `path` has the shape of `pattern`; the raw parameters are left in `ret`.
static bool shape_matches(const char *pattern, const char *path, struct bytes ret[ROUTE_PARAMETERS_MAX],
                          unsigned *ret_count)
{
    unsigned count = 0;
    while (*pattern != '\0') {
        if (*pattern == '{') {
            size_t length = strcspn(path, "/");
            if (length == 0 || count == ROUTE_PARAMETERS_MAX)
                return false;
            ret[count++] = bytes_of(path, length);
            path += length;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    *ret_count = count;
    return *path == '\0';
}

static void add_allowed(struct route_match *match, enum http_method method)
{
    size_t length = strlen(match->allow);
    snprintf(match->allow + length, sizeof(match->allow) - length, "%s%s%s", length > 0 ? ", " : "",
             method_names[method], method == METHOD_GET ? ", HEAD" : "");
    match->path_known = true;
}

bool router_match(const struct http_routes *routes, unsigned surfaces, enum http_method method, char *path,
                  struct route_match *ret_match)
{
    *ret_match = (struct route_match){.route = NULL};
    enum http_method wanted = method == METHOD_HEAD ? METHOD_GET : method;
    for (unsigned i = 0; i < routes->count; i++) {
        const struct http_route *route = &routes->items[i];
        struct bytes raw[ROUTE_PARAMETERS_MAX];
        unsigned count = 0;
        if ((route->surfaces & surfaces) == 0 || !shape_matches(route->pattern, path, raw, &count))
            continue;
        if (route->method != wanted) {
            add_allowed(ret_match, route->method);
            continue;
        }
        for (unsigned p = count; p > 0; p--) // backwards: the NUL of one must not hide the next
            if (!decode_in_place((char *)raw[p - 1].data, raw[p - 1].length, &ret_match->parameter[p - 1]))
                return false;
        ret_match->route = route;
        return true;
    }
    return true;
}

bool query_value(const char *query, const char *name, char *out, size_t size)
{
    size_t name_length = strlen(name);
    while (query != NULL && *query != '\0') {
        size_t length = strcspn(query, "&");
        if (length > name_length && strncmp(query, name, name_length) == 0 && query[name_length] == '=') {
            const char *at = query + name_length + 1, *end = query + length;
            size_t used = 0;
            while (at < end) {
                int byte = *at == '+' ? (at++, ' ') : decode_byte(&at, end);
                if (byte < 0 || used + 1 >= size)
                    return false;
                out[used++] = (char)byte;
            }
            out[used] = '\0';
            return true;
        }
        query += length + (query[length] == '&');
    }
    return false;
}
