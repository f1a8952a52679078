// SPDX-License-Identifier: Apache-2.0
// The policy verbs that ask the server.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec policy_apply_options[];
enum exit_status policy_list_command(const struct invocation *invocation);
enum exit_status policy_get_command(const struct invocation *invocation);
enum exit_status policy_apply_command(const struct invocation *invocation);
enum exit_status policy_versions_command(const struct invocation *invocation);
enum exit_status policy_rollback_command(const struct invocation *invocation);
enum exit_status policy_delete_command(const struct invocation *invocation);
enum exit_status policy_advice_command(const struct invocation *invocation);
