// SPDX-License-Identifier: Apache-2.0
// One request to the service, over libcurl, loaded by the first. Main thread only.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "sandboxctl/config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct http_answer {
    long code;
    json_t *body; // NULL if it was no JSON
    char *text;   // the body as it came; owned
    char *etag;   // NULL if there was none; owned
};

struct http_query {
    const char *method;   // "GET", "PUT", ...
    const char *path;     // "/v1/policies/default", already escaped
    const char *body;     // JSON text or NULL
    const char *if_match; // value of If-Match, or NULL
    const char *if_none_match;
};

// ERROR_CLOSED: no server there. A problem answer is not an error here.
bool http_request(const struct config *config, const struct http_query *query, struct http_answer *ret_answer,
                  struct error *err);
void http_answer_free(struct http_answer *answer);

// For an answer that is not 2xx: prints the problem (title, detail, each fault with its pointer) on standard
// error, under --json also as it came on standard output, and gives the exit status that the manual promises
// for its code.
enum exit_status http_fail(const struct invocation *invocation, const struct http_answer *answer);

// One fault of an answer, on a line: "FILE:LINE:COLUMN: POINTER: DETAIL", without what does not apply.
// `file` names the document that was sent; "" for none.
void http_print_fault(const json_t *fault, const char *file, FILE *to);

// `text` with everything but unreserved characters percent-encoded; the caller frees it.
char *http_escape(const char *text);
