// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec validate_options[];
enum exit_status validate_command(const struct invocation *invocation);
