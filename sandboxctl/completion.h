// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

// sandboxctl completion bash|zsh|fish: a script made from the command table.
enum exit_status completion_command(const struct invocation *invocation);
