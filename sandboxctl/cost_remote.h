// SPDX-License-Identifier: Apache-2.0
// `sandboxctl cost daily|top|projection`: what all tenants cost.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec cost_top_options[];
enum exit_status cost_daily_command(const struct invocation *invocation);
enum exit_status cost_top_command(const struct invocation *invocation);
enum exit_status cost_projection_command(const struct invocation *invocation);
