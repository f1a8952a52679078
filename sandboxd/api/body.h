// SPDX-License-Identifier: Apache-2.0
// Small bodies of texts, read by a table of their members: {"name": "Acme", "expires_at": "2027-..."}.
#pragma once

#include "sandboxd/http/request.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct body_member {
    const char *name;
    char *text; // "" if it is not given, or null
    size_t size;
    bool required;
    bool may_be_empty;
    bool *given; // may be NULL
};

// The whole body, whatever it is; the caller unrefs it. NULL: the request is answered.
json_t *body_json(struct http_request *request);
// Reads an object of these members and no others, texts without hidden characters (base/hidden_text.h); all
// faults are told at once. False: the request is
// answered.
bool body_read(struct http_request *request, const struct body_member *members, size_t count);
// A member's RFC 3339 time as Unix milliseconds, 0 for "". False: the request is answered.
bool body_time(struct http_request *request, const char *name, const char *text, int64_t *ret_unix_ms);
