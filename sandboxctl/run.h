// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec run_options[];
enum exit_status run_command(const struct invocation *invocation);
