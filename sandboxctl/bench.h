// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec bench_options[];
enum exit_status bench_command(const struct invocation *invocation);
