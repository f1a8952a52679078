// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec new_options[];
enum exit_status new_command(const struct invocation *invocation);
