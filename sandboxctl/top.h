// SPDX-License-Identifier: Apache-2.0
// `sandboxctl top`: what a server does, as it does it.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec top_options[];
enum exit_status top_command(const struct invocation *invocation);
