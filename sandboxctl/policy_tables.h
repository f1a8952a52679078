// SPDX-License-Identifier: Apache-2.0
// The server's answers about policies as people read them. With --json they are shown as they came instead.
#pragma once

#include "sandboxctl/command.h"

#include <jansson.h>

// A policy with each value and the document it came from.
void policy_table(const struct invocation *invocation, const json_t *policy);
// What became, or would become, different in which policy.
void changes_table(const struct invocation *invocation, const json_t *changed);
// Faults, or the difference and the layers that this host lacks. `file` is how faults name the document.
void check_table(const struct invocation *invocation, const json_t *check, const char *file);
void versions_table(const struct invocation *invocation, const json_t *page);
void advice_table(const struct invocation *invocation, const json_t *advice);
