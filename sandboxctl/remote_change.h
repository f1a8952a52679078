// SPDX-License-Identifier: Apache-2.0
// One request of a remote verb, from its options to the shown answer. Main thread only.
#pragma once

#include "sandboxctl/command.h"

#include <jansson.h>

typedef void show_answer(const struct invocation *invocation, const json_t *body);

// Asks, and shows the answer: as it came under --json, else with `show`, which gets NULL for an answer
// without a body. `path` and `body` (NULL: none) are taken over.
enum exit_status remote_do(const struct invocation *invocation, const char *method, char *path, json_t *body,
                           show_answer *show);
// `path` with the options of these names as its query, as far as they are given. The caller frees it.
char *remote_query(const struct invocation *invocation, const char *path, const char *const *names,
                   size_t count);
// "next_cursor" of a list, told on standard error.
void remote_tell_more(const json_t *body);
