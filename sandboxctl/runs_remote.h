// SPDX-License-Identifier: Apache-2.0
// `sandboxctl runs list|get|cancel`: the server's history of runs.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec runs_list_options[];
enum exit_status runs_list_command(const struct invocation *invocation);
enum exit_status runs_get_command(const struct invocation *invocation);
enum exit_status runs_cancel_command(const struct invocation *invocation);
