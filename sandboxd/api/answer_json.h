// SPDX-License-Identifier: Apache-2.0
// Answers built as jansson's trees, for what is small and asked for seldom.
#pragma once

#include "base/error.h"
#include "sandboxd/http/request.h"

#include <jansson.h>

// Answers with `body` and takes it over. NULL (no memory to build it) gives a 500, and so does memory that
// jansson lacked in this thread since json_memory_watch: nothing is answered in part.
void answer_json(struct http_request *request, unsigned status, json_t *body);
// Answers with a page of a list, whose `items` it takes over: `next` is the cursor of the page behind it,
// NULL if there is none.
void answer_page(struct http_request *request, json_t *items, const char *next);
// What the store could not do.
void answer_store_failed(struct http_request *request, const struct error *err);
// The value of a time as an RFC 3339 text.
json_t *json_time(int64_t unix_ms);
// A text, or null for NULL and "".
json_t *json_text_or_null(const char *text);
