// SPDX-License-Identifier: Apache-2.0
// The policy verbs that need no server.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec policy_check_options[];
enum exit_status policy_check_command(const struct invocation *invocation);
enum exit_status policy_show_command(const struct invocation *invocation);
enum exit_status policy_diff_command(const struct invocation *invocation);
enum exit_status policy_schema_command(const struct invocation *invocation);
