// SPDX-License-Identifier: Apache-2.0
// What the remote verbs share: one request with the configuration of the command line, and its answer shown.
#pragma once

#include "sandboxctl/command.h"
#include "sandboxctl/http_client.h"

// Rows of --url and --profile for an option table.
#define REMOTE_OPTIONS \
    {"url", 0, "URL", "the server (default: SANDBOXCTL_URL, the profile's, http://127.0.0.1:8080)", NULL}, \
    { \
        "profile", 0, "NAME", "a profile of the configuration file", NULL \
    }
// --url and --profile; ends with a row whose name is NULL.
extern const struct option_spec remote_options[];

// Asks, and prints a refusal. STATUS_SUCCESS: `ret_answer` is a 2xx answer that the caller frees.
enum exit_status remote_ask(const struct invocation *invocation, const struct http_query *query,
                            struct http_answer *ret_answer);
// Prints a body as indented JSON, or as it came under --json.
void remote_show(const struct invocation *invocation, const struct http_answer *answer);
// "/v1/policies/NAME/versions" from a prefix, a name that is escaped, and a suffix. The caller frees it.
char *remote_path(const char *prefix, const char *name, const char *suffix);
