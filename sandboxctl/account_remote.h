// SPDX-License-Identifier: Apache-2.0
// The verbs about tenants, keys, subscriptions and plans.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec tenant_list_options[], tenant_create_options[], tenant_update_options[],
    key_create_options[], usage_options[];
enum exit_status tenant_list_command(const struct invocation *invocation);
enum exit_status tenant_create_command(const struct invocation *invocation);
enum exit_status tenant_get_command(const struct invocation *invocation);
enum exit_status tenant_update_command(const struct invocation *invocation);
enum exit_status tenant_delete_command(const struct invocation *invocation);
enum exit_status key_list_command(const struct invocation *invocation);
enum exit_status key_create_command(const struct invocation *invocation);
enum exit_status key_revoke_command(const struct invocation *invocation);
enum exit_status subscription_show_command(const struct invocation *invocation);
enum exit_status subscription_change_command(const struct invocation *invocation);
enum exit_status subscription_usage_command(const struct invocation *invocation);
enum exit_status plan_list_command(const struct invocation *invocation);
enum exit_status plan_get_command(const struct invocation *invocation);
enum exit_status plan_apply_command(const struct invocation *invocation);
