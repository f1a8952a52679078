// SPDX-License-Identifier: Apache-2.0
// Query strings, as strict as bodies: a parameter that is not known, or given twice, is refused, since a
// filter that is not applied would answer another question than the one asked.
#pragma once

#include "sandboxd/http/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct query_field {
    const char *name;
    char *value; // "" if it is not given
    size_t size;
};

// Reads all parameters. False: the request is answered.
bool query_read(struct http_request *request, const struct query_field *fields, size_t count);

// "limit": 1 to 1000, `fallback` where the text is empty. False: the request is answered.
bool query_limit(struct http_request *request, const char *text, unsigned fallback, unsigned *ret_limit);
// A serial number handed out as a cursor; 0 where the text is empty.
bool query_cursor(struct http_request *request, const char *text, int64_t *ret_serial);
// An RFC 3339 time; 0 where the text is empty.
bool query_time(struct http_request *request, const char *name, const char *text, int64_t *ret_unix_ms);
