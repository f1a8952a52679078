// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec test_options[];
enum exit_status test_command(const struct invocation *invocation);
